// SPDX-License-Identifier: GPL-2.0
/*
 * What registering the operations takes: they are taken off the kernel's list
 * and put back, without their module knowing.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/timekeeping.h>

#include "meter.h"

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

int measure_register(void)
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
