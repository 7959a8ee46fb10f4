/* SPDX-License-Identifier: GPL-2.0 */

/* What the parts of pernet_puppet_c.ko know of each other. */

#ifndef PUPPET_H
#define PUPPET_H

#include <linux/types.h>

#define SLOTS 12

enum hook { INIT, PRE_EXIT, EXIT_RTNL, EXIT, EXIT_BATCH, MEMBER, DROP };

/* What is less than zero is not told. */
struct event {
	u64 seq;
	u64 cookie;
	pid_t tid;
	int err;
	int nets;
	s8 initialized;
	s8 counted;
	u8 slot;
	u8 hook;
	bool bad;
};

int puppet_trace_init(void);
void trace_free(void);
void trace(struct event event);
void trace_clear(void);
ssize_t trace_read(char __user *to, size_t room);
void trace_log(void);

void slots_init(void);
int slot_register(unsigned int number);
int slot_unregister(unsigned int number);
void slot_plan(unsigned int number, unsigned int nth, int err);
void slots_undo(void);

int control_write(const char __user *from, size_t len);
int control_serve(void);
void control_end(void);

#endif /* PUPPET_H */
