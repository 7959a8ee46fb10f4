// SPDX-License-Identifier: GPL-2.0

/* The slots: what can be registered, and their hooks. */

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "puppet.h"

struct slot {
	/* A hook is not told whose it is, so that each slot has its own. */
	const struct pernet_operations *all;
	bool device;
	unsigned int hooks;
	/* What is registered: of all hooks those that the slot has. */
	struct pernet_operations ops;

	/* Among those that are registered, the last first. */
	struct list_head entry;
	bool registered;

	/* Which init is to fail, counted down, and how. */
	unsigned int plan_nth;
	int plan_err;
};

/* The rest of the bytes is a pattern. */
struct data {
	u64 cookie;
	u32 slot;
	u32 pattern[];
};

static struct slot slots[SLOTS];
static unsigned int ids[SLOTS];
static LIST_HEAD(registered);
static DEFINE_SPINLOCK(plan_lock);

static unsigned int number_of(const struct slot *slot)
{
	return slot - slots;
}

static size_t words(const struct slot *slot)
{
	return (slot->ops.size - sizeof(struct data)) / sizeof(u32);
}

static u32 word(const struct slot *slot, u64 cookie, size_t i)
{
	return ((u32)cookie ^ (number_of(slot) << 24)) + (u32)i;
}

/* Whether the data of a slot is as it should be in this namespace. */
static bool is_right(const struct slot *slot, struct net *net)
{
	const struct data *data;
	size_t i;

	if (!slot->ops.size)
		return true;

	data = net_generic(net, ids[number_of(slot)]);
	if (!(slot->hooks & BIT(INIT)))
		return !memchr_inv(data, 0, slot->ops.size);

	if (data->cookie != net->net_cookie || data->slot != number_of(slot))
		return false;
	for (i = 0; i < words(slot); i++)
		if (data->pattern[i] != word(slot, net->net_cookie, i))
			return false;
	return true;
}

static void seen(const struct slot *slot, enum hook hook, struct net *net)
{
	trace((struct event) {
		.slot = number_of(slot),
		.hook = hook,
		.cookie = net->net_cookie,
		.nets = -1,
		.bad = !is_right(slot, net),
		.initialized = hook == PRE_EXIT ? net_initialized(net) : -1,
		.counted = hook == DROP ? -1 : check_net(net),
	});
}

/* What ends the life of the data, in the last hook that there is. */
static void drop(const struct slot *slot, struct net *net)
{
	if (!slot->ops.size)
		return;
	seen(slot, DROP, net);
	/* Whoever looks at it after this sees that. */
	memset(net_generic(net, ids[number_of(slot)]), 0xff, slot->ops.size);
}

static int puppet_init(struct slot *slot, struct net *net)
{
	struct data *data;
	int err = 0;
	size_t i;

	spin_lock(&plan_lock);
	if (slot->plan_nth && !--slot->plan_nth)
		err = slot->plan_err;
	/* Before the next plan, so that it stands where this one says. */
	trace((struct event) {
		.slot = number_of(slot),
		.hook = INIT,
		.cookie = net->net_cookie,
		.err = err,
		.nets = -1,
		.initialized = net_initialized(net),
		.counted = check_net(net),
	});
	spin_unlock(&plan_lock);
	if (err || !slot->ops.size)
		return err;

	data = net_generic(net, ids[number_of(slot)]);
	data->cookie = net->net_cookie;
	data->slot = number_of(slot);
	for (i = 0; i < words(slot); i++)
		data->pattern[i] = word(slot, net->net_cookie, i);
	return 0;
}

static void puppet_exit(const struct slot *slot, struct net *net)
{
	if (slot->hooks & BIT(EXIT))
		seen(slot, EXIT, net);
	if (!(slot->hooks & BIT(EXIT_BATCH)))
		drop(slot, net);
}

static void puppet_exit_batch(const struct slot *slot,
			      struct list_head *net_exit_list)
{
	struct net *net;

	trace((struct event) {
		.slot = number_of(slot),
		.hook = EXIT_BATCH,
		.nets = list_count_nodes(net_exit_list),
		.initialized = -1,
		.counted = -1,
	});
	list_for_each_entry(net, net_exit_list, exit_list)
		seen(slot, MEMBER, net);
	list_for_each_entry(net, net_exit_list, exit_list)
		drop(slot, net);
}

#define HOOKS(n)							\
static struct slot * const slot_##n = &slots[n];			\
									\
static int init_##n(struct net *net)					\
{									\
	return puppet_init(slot_##n, net);				\
}									\
									\
static void pre_exit_##n(struct net *net)				\
{									\
	seen(slot_##n, PRE_EXIT, net);					\
}									\
									\
static void exit_rtnl_##n(struct net *net,				\
			  struct list_head *dev_kill_list)		\
{									\
	seen(slot_##n, EXIT_RTNL, net);					\
}									\
									\
static void exit_##n(struct net *net)					\
{									\
	puppet_exit(slot_##n, net);					\
}									\
									\
static void exit_batch_##n(struct list_head *net_exit_list)		\
{									\
	puppet_exit_batch(slot_##n, net_exit_list);			\
}									\
									\
static const struct pernet_operations all_##n = {			\
	.init = init_##n,						\
	.pre_exit = pre_exit_##n,					\
	.exit_rtnl = exit_rtnl_##n,					\
	.exit = exit_##n,						\
	.exit_batch = exit_batch_##n,					\
}

HOOKS(0);
HOOKS(1);
HOOKS(2);
HOOKS(3);
HOOKS(4);
HOOKS(5);
HOOKS(6);
HOOKS(7);
HOOKS(8);
HOOKS(9);
HOOKS(10);
HOOKS(11);

#define DATA(n, bytes) { .id = &ids[n], .size = (bytes) }
#define SUBSYS false
#define DEVICE true
#define ALL (BIT(INIT) | BIT(PRE_EXIT) | BIT(EXIT_RTNL) | BIT(EXIT) | BIT(EXIT_BATCH))

static struct slot slots[SLOTS] = {
	{ &all_0, SUBSYS, ALL, DATA(0, 16) },
	{ &all_1, DEVICE, ALL, DATA(1, 16) },
	{ &all_2, SUBSYS, BIT(INIT) | BIT(EXIT), DATA(2, 16) },
	{ &all_3, DEVICE, BIT(INIT) | BIT(EXIT), DATA(3, 4096) },
	{ &all_4, SUBSYS, BIT(INIT) | BIT(EXIT_BATCH), DATA(4, 16) },
	{ &all_5, DEVICE, BIT(INIT) | BIT(PRE_EXIT) | BIT(EXIT) },
	{ &all_6, SUBSYS, BIT(INIT) | BIT(EXIT_RTNL) },
	{ &all_7, DEVICE, BIT(INIT) | BIT(EXIT_BATCH), DATA(7, 4096) },
	{ &all_8, SUBSYS, BIT(PRE_EXIT) | BIT(EXIT), DATA(8, 16) },
	{ &all_9, SUBSYS, BIT(INIT), DATA(9, 16) },
	{ &all_10, DEVICE, BIT(EXIT) },
	{ &all_11, SUBSYS, ALL },
};

void slots_init(void)
{
	struct slot *slot;

	for (slot = slots; slot < slots + SLOTS; slot++) {
		if (slot->hooks & BIT(INIT))
			slot->ops.init = slot->all->init;
		if (slot->hooks & BIT(PRE_EXIT))
			slot->ops.pre_exit = slot->all->pre_exit;
		if (slot->hooks & BIT(EXIT_RTNL))
			slot->ops.exit_rtnl = slot->all->exit_rtnl;
		if (slot->hooks & BIT(EXIT_BATCH))
			slot->ops.exit_batch = slot->all->exit_batch;
		/* Data that has no last hook has its life ended in this. */
		if (slot->hooks & BIT(EXIT) ||
		    (slot->ops.size && !(slot->hooks & BIT(EXIT_BATCH))))
			slot->ops.exit = slot->all->exit;
	}
}

int slot_register(unsigned int number)
{
	struct slot *slot = &slots[number];
	int err;

	if (slot->registered)
		return -EEXIST;
	if (slot->device)
		err = register_pernet_device(&slot->ops);
	else
		err = register_pernet_subsys(&slot->ops);
	if (err)
		return err;

	slot->registered = true;
	list_add(&slot->entry, &registered);
	return 0;
}

static void unregister(struct slot *slot)
{
	if (slot->device)
		unregister_pernet_device(&slot->ops);
	else
		unregister_pernet_subsys(&slot->ops);

	slot->registered = false;
	list_del(&slot->entry);
}

int slot_unregister(unsigned int number)
{
	if (!slots[number].registered)
		return -ENOENT;
	unregister(&slots[number]);
	return 0;
}

/* The nth init from now on fails; 0: none does. */
void slot_plan(unsigned int number, unsigned int nth, int err)
{
	spin_lock(&plan_lock);
	slots[number].plan_nth = nth;
	slots[number].plan_err = err;
	spin_unlock(&plan_lock);
}

/* Unregisters everything, the last first. */
void slots_undo(void)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &registered, entry)
		unregister(slot);
}
