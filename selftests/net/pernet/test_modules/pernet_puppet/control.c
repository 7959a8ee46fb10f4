// SPDX-License-Identifier: GPL-2.0

/*
 * The commands, and how they get from whoever writes them to the loader, and
 * back with an answer.
 */

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "puppet.h"

enum command { REGISTER, UNREGISTER, PLAN, CLEAR, DONE, FAIL };

static const char * const commands[] = {
	"register", "unregister", "plan", "clear", "done", "fail",
};

static const int command_arguments[] = { 1, 1, 3, 0, 0, 1 };

/* What the loader, which is the task of insmod, is to execute. */
struct order {
	enum command command;
	unsigned int argument[3];
	int err;
	struct completion executed;
};

/* Held by whoever waits for the loader. */
static DEFINE_MUTEX(turn);
static DECLARE_COMPLETION(ordered);
/* Guards what follows. */
static DEFINE_MUTEX(desk);
static struct order *pending;
static bool ended;

static int parse(char *line, struct order *order)
{
	char *arg, *name = strsep(&line, " ");
	int command, i;

	command = match_string(commands, ARRAY_SIZE(commands), name);
	if (command < 0)
		return -EINVAL;
	for (i = 0; i < command_arguments[command]; i++) {
		arg = strsep(&line, " ");
		if (!arg || kstrtouint(arg, 10, &order->argument[i]))
			return -EINVAL;
	}
	if (line)
		return -EINVAL;

	order->command = command;
	switch (order->command) {
	case PLAN:
		if (order->argument[1] &&
		    !in_range(order->argument[2], 1, MAX_ERRNO))
			return -EINVAL;
		fallthrough;
	case REGISTER:
	case UNREGISTER:
		return order->argument[0] < SLOTS ? 0 : -EINVAL;
	case FAIL:
		return in_range(order->argument[0], 1, MAX_ERRNO) ? 0 : -EINVAL;
	default:
		return 0;
	}
}

/* Has the loader execute an order, and waits until it has. */
static int give(struct order *order)
{
	/* If it is not taken any more, or not before all has been undone. */
	order->err = -EBUSY;
	init_completion(&order->executed);

	mutex_lock(&turn);
	mutex_lock(&desk);
	if (ended) {
		complete(&order->executed);
	} else {
		pending = order;
		complete(&ordered);
	}
	mutex_unlock(&desk);
	wait_for_completion(&order->executed);
	mutex_unlock(&turn);
	return order->err;
}

/* Tells whoever waits that the loader has executed the order, or takes none. */
static void answer(bool has_ended)
{
	mutex_lock(&desk);
	ended = has_ended;
	if (pending)
		complete(&pending->executed);
	pending = NULL;
	mutex_unlock(&desk);
}

/* Executes orders until one of them ends that, or a signal does. */
int control_serve(void)
{
	struct order *order;

	for (;;) {
		if (wait_for_completion_interruptible(&ordered))
			return -EINTR;

		/* It stays until it is answered. */
		order = pending;
		switch (order->command) {
		case REGISTER:
			order->err = slot_register(order->argument[0]);
			break;
		case UNREGISTER:
			order->err = slot_unregister(order->argument[0]);
			break;
		case DONE:
			order->err = 0;
			answer(true);
			return 0;
		default:
			/* FAIL is answered when all is undone. */
			order->err = 0;
			return -(int)order->argument[0];
		}
		answer(false);
	}
}

/* Says that all is undone. */
void control_end(void)
{
	answer(true);
}

/* Executes the command in one line of text. */
int control_write(const char __user *from, size_t len)
{
	struct order order = {};
	char line[65] = {};
	int err;

	/* Longer than any command. */
	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, len))
		return -EFAULT;
	if (strlen(line) != len)
		return -EINVAL;
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (strchr(line, '\n'))
		return -EINVAL;

	err = parse(line, &order);
	if (err)
		return err;

	switch (order.command) {
	case PLAN:
		slot_plan(order.argument[0], order.argument[1],
			  -(int)order.argument[2]);
		return 0;
	case CLEAR:
		trace_clear();
		return 0;
	default:
		return give(&order);
	}
}
