// SPDX-License-Identifier: GPL-2.0
/*
 * Measures the operations of the modules that were loaded just before this one
 * and whose names begin with "bench_" or "many_", or what modules do with a
 * packet.
 *
 * It knows no symbol of theirs, and they have nothing for it: it registers
 * operations of its own, and those before in the kernel's list are the ones.
 * Then it does what the kernel does with them, and looks at the clock: under
 * QEMU's -icount shift=0 a nanosecond is an instruction.
 *
 * What it does to living namespaces is wrong in general: it calls hooks out of
 * turn, and takes operations off the list and puts them back without their
 * module knowing. Those of the bench stand that.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

static char *mode = "hooks";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "what to measure: hooks, packets, register, ops_init or copy_net_ns");

static unsigned int rounds = 4;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "how many times, there and back");

static unsigned int window = 400000;
module_param(window, uint, 0444);
MODULE_PARM_DESC(window, "nanoseconds that a loop with interrupts off takes");

#define MAX_TARGETS 512

static struct target {
	struct pernet_operations *ops;
	char module[MODULE_NAME_LEN];
	unsigned int number;
	/* How often ops_init() was called for it, and its best time. */
	u64 calls;
	u64 best;
} targets[MAX_TARGETS];

static unsigned int nr_targets;

/* ---- Whose operations these are ---------------------------------------- */

static struct pernet_operations meter_ops;

static const void *a_hook(const struct pernet_operations *ops)
{
	if (ops->init)
		return ops->init;
	if (ops->pre_exit)
		return ops->pre_exit;
	if (ops->exit)
		return ops->exit;
	return ops->exit_batch;
}

/* The module that has this function, or an empty name. */
static void module_of(const void *function, char *name)
{
	char symbol[KSYM_SYMBOL_LEN], *start, *end;

	name[0] = '\0';
	if (!function)
		return;
	snprintf(symbol, sizeof(symbol), "%ps", function);
	start = strrchr(symbol, '[');
	end = strrchr(symbol, ']');
	if (start && end) {
		*end = '\0';
		strscpy(name, start + 1, MODULE_NAME_LEN);
	}
}

/* The list is held still by the caller, who is the only one to load modules. */
static int find_targets(void)
{
	struct pernet_operations *ops = &meter_ops;
	unsigned int i;
	char name[MODULE_NAME_LEN];

	for (;;) {
		ops = list_prev_entry(ops, list);
		module_of(a_hook(ops), name);
		if (strncmp(name, "bench_", 6) && strncmp(name, "many_", 5))
			break;
		if (nr_targets == MAX_TARGETS)
			return -E2BIG;
		targets[nr_targets].ops = ops;
		strscpy(targets[nr_targets].module, name);
		nr_targets++;
	}
	/* The first registration first. */
	for (i = 0; i < nr_targets / 2; i++)
		swap(targets[i], targets[nr_targets - 1 - i]);
	for (i = 1; i < nr_targets; i++)
		if (!strcmp(targets[i].module, targets[i - 1].module))
			targets[i].number = targets[i - 1].number + 1;
	return 0;
}

/* ---- Hooks ------------------------------------------------------------- */

typedef void (*exit_hook)(struct net *net);
typedef int (*init_hook)(struct net *net);

static noinline u64 run_exit(exit_hook hook, struct net *net, u32 count)
{
	unsigned long flags;
	u64 start, end;
	u32 i;

	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < count; i++) {
		hook(net);
		barrier();
	}
	end = ktime_get_ns();
	local_irq_restore(flags);
	return end - start;
}

static noinline u64 run_init(init_hook hook, struct net *net, u32 count)
{
	unsigned long flags;
	u64 start, end;
	u32 i;

	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < count; i++) {
		hook(net);
		barrier();
	}
	end = ktime_get_ns();
	local_irq_restore(flags);
	return end - start;
}

/* As many calls as fill the window; the first ones warm the paths up. */
static u32 calls_for(u64 ns_of_four)
{
	return clamp_t(u64, window * 4ull / max(ns_of_four, 1ull), 1, 10000);
}

static void tell(const struct target *t, const char *hook, const char *where,
		 u64 ns, u32 count)
{
	/* In hundredths of a nanosecond for each call. */
	pr_info("%s %u %s %s %llu\n", t->module, t->number, hook, where,
		div_u64(ns * 100, count));
}

static void measure_hooks_of(const struct target *t, struct net *net,
			     const char *where)
{
	const struct pernet_operations *ops = t->ops;
	u32 count;

	if (ops->pre_exit) {
		count = calls_for(run_exit(ops->pre_exit, net, 4));
		tell(t, "pre_exit", where,
		     run_exit(ops->pre_exit, net, count), count);
	}
	if (ops->exit) {
		count = calls_for(run_exit(ops->exit, net, 4));
		tell(t, "exit", where, run_exit(ops->exit, net, count), count);
	}
	/* Last, so that the value is there afterwards. */
	if (ops->init) {
		count = calls_for(run_init(ops->init, net, 4));
		tell(t, "init", where, run_init(ops->init, net, count), count);
	}
}

static void measure_hooks(struct net *net, const char *where)
{
	unsigned int i;

	for (i = 0; i < nr_targets; i++)
		measure_hooks_of(&targets[i], net, where);
	for (i = nr_targets; i--;)
		measure_hooks_of(&targets[i], net, where);
}

/* ---- Packets ----------------------------------------------------------- */

#ifdef CONFIG_NETFILTER

static unsigned int accept(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static noinline u64 run_packet(const struct nf_hook_entry *entry,
			       struct sk_buff *skb,
			       const struct nf_hook_state *state, u32 count)
{
	unsigned long flags;
	u64 start, end;
	u32 i;

	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < count; i++) {
		nf_hook_entry_hookfn(entry, skb, (void *)state);
		barrier();
	}
	end = ktime_get_ns();
	local_irq_restore(flags);
	return end - start;
}

static void measure_packet(const struct nf_hook_entry *entry,
			   struct sk_buff *skb,
			   const struct nf_hook_state *state,
			   const char *where)
{
	struct target t = {};
	u32 count;

	module_of(entry->hook, t.module);
	count = calls_for(run_packet(entry, skb, state, 4));
	tell(&t, "packet", where, run_packet(entry, skb, state, count), count);
}

static void measure_packets_at(struct nf_hook_entries __rcu **hooks,
			       struct sk_buff *skb,
			       const struct nf_hook_state *state,
			       const char *where)
{
	const struct nf_hook_entries *entries;
	unsigned int i;

	entries = rcu_dereference(hooks[state->hook]);
	for (i = 0; entries && i < entries->num_hook_entries; i++)
		measure_packet(&entries->hooks[i], skb, state, where);
}

/* What sees packets of the initial namespace, and what does nothing. */
static int measure_packets(void)
{
	const struct nf_hook_entry nothing = { .hook = accept };
	struct nf_hook_state state = {
		.hook = NF_INET_LOCAL_IN,
		.net = &init_net,
	};
	struct sk_buff *skb;

	skb = alloc_skb(128, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_put_zero(skb, 100);

	measure_packet(&nothing, skb, &state, "nowhere");
	rcu_read_lock();
	state.pf = NFPROTO_IPV4;
	measure_packets_at(init_net.nf.hooks_ipv4, skb, &state, "ipv4");
	state.pf = NFPROTO_IPV6;
	measure_packets_at(init_net.nf.hooks_ipv6, skb, &state, "ipv6");
	rcu_read_unlock();
	kfree_skb(skb);
	return 0;
}

#else

static int measure_packets(void)
{
	return -EINVAL;
}

#endif

/* ---- Registering ------------------------------------------------------- */

/* Nothing but the work is to be seen, so it begins with a tick. */
static void wait_for_tick(void)
{
	unsigned long now = jiffies;

	while (READ_ONCE(jiffies) == now)
		cpu_relax();
}

static int register_timed(const struct target *t)
{
	u64 start, end;
	int err;

	wait_for_tick();
	start = ktime_get_ns();
	err = register_pernet_subsys(t->ops);
	end = ktime_get_ns();
	if (err)
		pr_err("%s %u cannot be registered: %d\n", t->module, t->number,
		       err);
	tell(t, "register", "all", end - start, 1);
	return err;
}

/* All of a module, so that they stay in their order. */
static int measure_register_of(unsigned int first, unsigned int end)
{
	unsigned int i;
	int err;

	for (i = end; i-- > first;)
		unregister_pernet_subsys(targets[i].ops);
	for (i = first; i < end; i++) {
		err = register_timed(&targets[i]);
		if (err)
			return err;
	}
	return 0;
}

static unsigned int end_of_module(unsigned int first)
{
	unsigned int end = first + 1;

	while (end < nr_targets && targets[end].number)
		end++;
	return end;
}

static unsigned int start_of_module(unsigned int end)
{
	unsigned int first = end - 1;

	while (targets[first].number)
		first--;
	return first;
}

static int measure_register(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr_targets; i = end_of_module(i)) {
		err = measure_register_of(i, end_of_module(i));
		if (err)
			return err;
	}
	for (i = nr_targets; i; i = start_of_module(i)) {
		err = measure_register_of(start_of_module(i), i);
		if (err)
			return err;
	}
	return 0;
}

/* ---- unshare(2) -------------------------------------------------------- */

#ifdef CONFIG_KRETPROBES

struct call {
	struct target *target;
	u64 start;
};

static int ops_init_entered(struct kretprobe_instance *instance,
			    struct pt_regs *regs)
{
	struct call *call = (void *)instance->data;
	void *ops = (void *)regs_get_kernel_argument(regs, 0);
	unsigned int i;

	call->target = NULL;
	/* All of them, so that each takes as long as the others. */
	for (i = 0; i < nr_targets; i++)
		if (targets[i].ops == ops)
			call->target = &targets[i];
	call->start = ktime_get_ns();
	return 0;
}

static int ops_init_returned(struct kretprobe_instance *instance,
			     struct pt_regs *regs)
{
	u64 now = ktime_get_ns();
	struct call *call = (void *)instance->data;
	struct target *t = call->target;

	if (t && (!t->calls++ || now - call->start < t->best))
		t->best = now - call->start;
	return 0;
}

static int copy_net_ns_entered(struct kretprobe_instance *instance,
			       struct pt_regs *regs)
{
	struct call *call = (void *)instance->data;

	call->start = ktime_get_ns();
	return 0;
}

static int copy_net_ns_returned(struct kretprobe_instance *instance,
				struct pt_regs *regs)
{
	u64 now = ktime_get_ns();
	struct call *call = (void *)instance->data;

	pr_info("all 0 copy_net_ns new %llu\n", (now - call->start) * 100);
	return 0;
}

static struct kretprobe probe = {
	.data_size = sizeof(struct call),
};

static int watch(void)
{
	if (!strcmp(mode, "ops_init")) {
		probe.entry_handler = ops_init_entered;
		probe.handler = ops_init_returned;
	} else if (!strcmp(mode, "copy_net_ns")) {
		probe.entry_handler = copy_net_ns_entered;
		probe.handler = copy_net_ns_returned;
	} else {
		return -EINVAL;
	}
	probe.kp.symbol_name = mode;
	return register_kretprobe(&probe);
}

static void tell_watched(void)
{
	unsigned int i;

	if (!probe.handler)
		return;
	unregister_kretprobe(&probe);
	for (i = 0; i < nr_targets; i++)
		if (targets[i].calls)
			tell(&targets[i], mode, "new", targets[i].best, 1);
}

#else

static int watch(void)
{
	return -EINVAL;
}

static void tell_watched(void) { }

#endif

/* ------------------------------------------------------------------------ */

static int __init meter_init(void)
{
	struct net *newest;
	unsigned int i;
	int err;

	err = register_pernet_subsys(&meter_ops);
	if (err)
		return err;
	err = find_targets();
	if (err)
		goto out;

	if (!strcmp(mode, "hooks")) {
		newest = list_last_entry(&net_namespace_list, struct net, list);
		for (i = 0; i < rounds; i++) {
			measure_hooks(&init_net, "oldest");
			if (newest != &init_net)
				measure_hooks(newest, "newest");
		}
	} else if (!strcmp(mode, "packets")) {
		for (i = 0; i < rounds && !err; i++)
			err = measure_packets();
	} else if (!strcmp(mode, "register")) {
		for (i = 0; i < rounds && !err; i++)
			err = measure_register();
	} else {
		err = watch();
	}
out:
	if (err)
		unregister_pernet_subsys(&meter_ops);
	return err;
}

static void __exit meter_exit(void)
{
	tell_watched();
	unregister_pernet_subsys(&meter_ops);
}

module_init(meter_init);
module_exit(meter_exit);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Counts what pernet operations cost");
MODULE_LICENSE("GPL");
