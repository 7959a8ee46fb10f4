// SPDX-License-Identifier: GPL-2.0
/*
 * The C twin of bench_rust.rs: the same registrations in the same order, with
 * the same data and hooks, as they are written in C.
 *
 * The meter calls the hooks. What a pre_exit does more than that of "nothing"
 * is what is measured.
 */

#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

/* A control: so many instructions more in each hook. */
#ifndef BENCH_NOPS
#define BENCH_NOPS 0
#endif

static __always_inline void bench_nops(void)
{
	asm volatile(".rept %c0; nop; .endr" : : "i" (BENCH_NOPS));
}

struct counters {
	u64 cookie;
};

static unsigned int counters_id __read_mostly;

/* The namespace that the module holds a reference on. */
static struct net *held __read_mostly;
static netns_tracker held_tracker;

static noinline void wrong(const struct net *net)
{
	pr_warn("the data of namespace %llu is another's\n", net->net_cookie);
}

static void check(const struct counters *counters, const struct net *net)
{
	if (counters->cookie != net->net_cookie)
		wrong(net);
}

static int __net_init counters_init(struct net *net)
{
	struct counters *counters = net_generic(net, counters_id);

	bench_nops();
	counters->cookie = net->net_cookie;
	return 0;
}

static void __net_exit counters_exit(struct net *net)
{
	bench_nops();
	check(net_generic(net, counters_id), net);
}

static struct pernet_operations counters_ops = {
	.init = counters_init,
	.exit = counters_exit,
	.id = &counters_id,
	.size = sizeof(struct counters),
};

/* What all the following have in common. */
static void __net_exit nothing_pre_exit(struct net *net)
{
	bench_nops();
}

static struct pernet_operations nothing_ops = {
	.pre_exit = nothing_pre_exit,
};

/* The data of the hook's own operations. */
struct own {
	u64 cookie;
};

static unsigned int own_id __read_mostly;

static int __net_init own_init(struct net *net)
{
	struct own *own = net_generic(net, own_id);

	bench_nops();
	own->cookie = net->net_cookie;
	return 0;
}

static void __net_exit own_pre_exit(struct net *net)
{
	const struct own *own = net_generic(net, own_id);

	bench_nops();
	if (own->cookie != net->net_cookie)
		wrong(net);
}

static struct pernet_operations own_ops = {
	.init = own_init,
	.pre_exit = own_pre_exit,
	.id = &own_id,
	.size = sizeof(struct own),
};

/* What was registered before: C does not know that it is there. */
static void __net_exit after_pre_exit(struct net *net)
{
	bench_nops();
	check(net_generic(net, counters_id), net);
}

static struct pernet_operations after_ops = {
	.pre_exit = after_pre_exit,
};

/* What may be registered or not: C does not ask. */
static void __net_exit get_pre_exit(struct net *net)
{
	bench_nops();
	check(net_generic(net, counters_id), net);
}

static struct pernet_operations get_ops = {
	.pre_exit = get_pre_exit,
};

/* As in a packet handler: a namespace of which nothing is known. */
static void __net_exit rcu_pre_exit(struct net *net)
{
	bench_nops();
	check(net_generic(net, counters_id), net);
}

static struct pernet_operations rcu_ops = {
	.pre_exit = rcu_pre_exit,
};

/* The same sixteen times in one read-side critical section. */
static void __net_exit rcu_many_pre_exit(struct net *net)
{
	unsigned int i;

	bench_nops();
	rcu_read_lock();
	for (i = 0; i < 16; i++)
		check(net_generic(net, counters_id), net);
	rcu_read_unlock();
}

static struct pernet_operations rcu_many_ops = {
	.pre_exit = rcu_many_pre_exit,
};

/* A namespace that somebody holds a reference on. */
static void __net_exit counted_pre_exit(struct net *net)
{
	bench_nops();
	check(net_generic(held, counters_id), held);
}

static struct pernet_operations counted_ops = {
	.pre_exit = counted_pre_exit,
};

/* The same sixteen times in one read-side critical section. */
static void __net_exit counted_many_pre_exit(struct net *net)
{
	unsigned int i;

	bench_nops();
	rcu_read_lock();
	for (i = 0; i < 16; i++)
		check(net_generic(held, counters_id), held);
	rcu_read_unlock();
}

static struct pernet_operations counted_many_ops = {
	.pre_exit = counted_many_pre_exit,
};

/* What is found may be kept while sleeping: C takes it for granted. */
static void __net_exit sleep_pre_exit(struct net *net)
{
	bench_nops();
	check(net_generic(held, counters_id), held);
}

static struct pernet_operations sleep_ops = {
	.pre_exit = sleep_pre_exit,
};

/* All namespaces and their data. */
static void __net_exit walk_pre_exit(struct net *net)
{
	struct net *each;

	bench_nops();
	rcu_read_lock();
	for_each_net_rcu(each)
		check(net_generic(each, counters_id), each);
	rcu_read_unlock();
}

static struct pernet_operations walk_ops = {
	.pre_exit = walk_pre_exit,
};

static struct pernet_operations *const operations[] = {
	&counters_ops, &nothing_ops, &own_ops, &after_ops, &get_ops, &rcu_ops,
	&rcu_many_ops, &counted_ops, &counted_many_ops, &sleep_ops, &walk_ops,
};

static void undo(int i)
{
	while (i--)
		unregister_pernet_subsys(operations[i]);
	put_net_track(held, &held_tracker);
}

static int __init bench_init(void)
{
	int i, err;

	held = get_net_track(current->nsproxy->net_ns, &held_tracker,
			     GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		err = register_pernet_subsys(operations[i]);
		if (err) {
			undo(i);
			return err;
		}
	}
	return 0;
}

static void __exit bench_exit(void)
{
	undo(ARRAY_SIZE(operations));
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("The C twin of bench_rust");
MODULE_LICENSE("GPL");
