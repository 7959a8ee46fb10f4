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

#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/timekeeping.h>

#include "meter.h"

static char *mode = "hooks";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "what to measure: hooks, packets, register, ops_init or copy_net_ns");

static unsigned int rounds = 4;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "how many times, there and back");

static unsigned int window = 400000;
module_param(window, uint, 0444);
MODULE_PARM_DESC(window, "nanoseconds that a loop with interrupts off takes");

struct target targets[MAX_TARGETS];
unsigned int nr_targets;

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

void module_of(const void *function, char *name)
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

u32 calls_for(u64 ns_of_four)
{
	return clamp_t(u64, window * 4ull / max(ns_of_four, 1ull), 1, 10000);
}

void tell(const struct target *t, const char *hook, const char *where, u64 ns,
	  u32 count)
{
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
		err = watch(mode);
	}
out:
	if (err)
		unregister_pernet_subsys(&meter_ops);
	return err;
}

static void __exit meter_exit(void)
{
	tell_watched(mode);
	unregister_pernet_subsys(&meter_ops);
}

module_init(meter_init);
module_exit(meter_exit);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Counts what pernet operations cost");
MODULE_LICENSE("GPL");
