// SPDX-License-Identifier: GPL-2.0
/*
 * What unshare(2) does for the operations that are measured: each ops_init(),
 * or all of copy_net_ns().
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "meter.h"

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

int watch(const char *function)
{
	if (!strcmp(function, "ops_init")) {
		probe.entry_handler = ops_init_entered;
		probe.handler = ops_init_returned;
	} else if (!strcmp(function, "copy_net_ns")) {
		probe.entry_handler = copy_net_ns_entered;
		probe.handler = copy_net_ns_returned;
	} else {
		return -EINVAL;
	}
	probe.kp.symbol_name = function;
	return register_kretprobe(&probe);
}

void tell_watched(const char *function)
{
	unsigned int i;

	if (!probe.handler)
		return;
	unregister_kretprobe(&probe);
	for (i = 0; i < nr_targets; i++)
		if (targets[i].calls)
			tell(&targets[i], function, "new", targets[i].best, 1);
}

#else

int watch(const char *function)
{
	return -EINVAL;
}

void tell_watched(const char *function) { }

#endif
