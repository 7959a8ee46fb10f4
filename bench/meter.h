/* SPDX-License-Identifier: GPL-2.0 */
#ifndef METER_H
#define METER_H

#include <linux/module.h>
#include <net/net_namespace.h>

#define MAX_TARGETS 512

/* Operations that are measured. */
struct target {
	struct pernet_operations *ops;
	char module[MODULE_NAME_LEN];
	unsigned int number;
	/* How often ops_init() was called for it, and its best time. */
	u64 calls;
	u64 best;
};

/* All of them, the first registration first. */
extern struct target targets[MAX_TARGETS];
extern unsigned int nr_targets;

/* The module that has this function, or an empty name. */
void module_of(const void *function, char *name);

/* As many calls as fill the window; the first ones warm the paths up. */
u32 calls_for(u64 ns_of_four);

/* One line, in hundredths of a nanosecond for each call. */
void tell(const struct target *t, const char *hook, const char *where, u64 ns,
	  u32 count);

int measure_packets(void);
int measure_register(void);

/* From now on, until tell_watched(): "ops_init" or "copy_net_ns". */
int watch(const char *function);
void tell_watched(const char *function);

#endif
