// SPDX-License-Identifier: GPL-2.0

/*
 * The trace: what the hooks have seen, numbered, in memory that is there before
 * the first of them runs.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "puppet.h"

/* How many events it holds. */
#define ROOM 65536
/* Longer than any line. */
#define LINE 192

static const char * const hook_names[] = {
	"init", "pre_exit", "exit_rtnl", "exit", "exit_batch", "member", "drop",
};

/* Held by whoever takes something off it. */
static DEFINE_MUTEX(reader);
static DEFINE_SPINLOCK(ring_lock);
static struct event *ring;
static unsigned int oldest;
static unsigned int count;
static u64 next_seq;
static u64 lost;

int puppet_trace_init(void)
{
	ring = kvcalloc(ROOM, sizeof(*ring), GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}

void trace_free(void)
{
	kvfree(ring);
}

void trace(struct event event)
{
	event.tid = current->pid;

	spin_lock(&ring_lock);
	event.seq = next_seq++;
	if (count < ROOM)
		ring[(oldest + count++) % ROOM] = event;
	else
		lost++;
	spin_unlock(&ring_lock);
}

/* Formats the next line, and returns its length; 0 if there is none. */
static size_t trace_next(char *line, u64 *lines_lost)
{
	struct event event;
	unsigned int some;
	size_t len;

	spin_lock(&ring_lock);
	*lines_lost = lost;
	some = count;
	event = ring[oldest];
	spin_unlock(&ring_lock);

	if (*lines_lost)
		return scnprintf(line, LINE, "lost %llu\n", *lines_lost);
	if (!some)
		return 0;

	len = scnprintf(line, LINE, "%llu %u %s %llu", event.seq, event.slot,
			hook_names[event.hook], event.cookie);
	if (event.err < 0)
		len += scnprintf(line + len, LINE - len, " err=%d", event.err);
	if (event.bad)
		len += scnprintf(line + len, LINE - len, " bad");
	if (event.nets >= 0)
		len += scnprintf(line + len, LINE - len, " nets=%d", event.nets);
	if (event.initialized >= 0)
		len += scnprintf(line + len, LINE - len, " initialized=%d",
				 event.initialized);
	if (event.counted >= 0)
		len += scnprintf(line + len, LINE - len, " count=%d",
				 event.counted);
	return len + scnprintf(line + len, LINE - len, " tid=%d\n", event.tid);
}

/* Takes off what trace_next() has told of. */
static void trace_forget(u64 lines_lost)
{
	spin_lock(&ring_lock);
	if (lines_lost) {
		lost -= lines_lost;
	} else {
		oldest = (oldest + 1) % ROOM;
		count--;
	}
	spin_unlock(&ring_lock);
}

void trace_clear(void)
{
	mutex_lock(&reader);
	spin_lock(&ring_lock);
	count = 0;
	next_seq = 0;
	lost = 0;
	spin_unlock(&ring_lock);
	mutex_unlock(&reader);
}

/* Writes what nobody has read to the log. */
void trace_log(void)
{
	char line[LINE];
	u64 lines_lost;

	while (trace_next(line, &lines_lost)) {
		pr_info("%s", line);
		trace_forget(lines_lost);
	}
}

/* Gives as many whole lines as there are and as fit, and takes them off. */
ssize_t trace_read(char __user *to, size_t room)
{
	char line[LINE];
	u64 lines_lost;
	size_t len, done = 0;
	int err = 0;

	mutex_lock(&reader);
	while ((len = trace_next(line, &lines_lost))) {
		if (len > room - done) {
			err = -EINVAL;
			break;
		}
		if (copy_to_user(to + done, line, len)) {
			err = -EFAULT;
			break;
		}
		trace_forget(lines_lost);
		done += len;
	}
	mutex_unlock(&reader);
	return done ?: err;
}
