// SPDX-License-Identifier: GPL-2.0

/*
 * Holds a reference on the loopback device of the namespace that it is loaded
 * in, until it is unloaded: the end of that namespace waits for it. For
 * pernet_ledger.sh. There is no type for such a reference in the library.
 */

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>

static struct net_device *held;
static netdevice_tracker tracker;

static int __init hold(void)
{
	held = netdev_get_by_name(current->nsproxy->net_ns, "lo", &tracker,
				  GFP_KERNEL);
	return held ? 0 : -ENODEV;
}

static void __exit release(void)
{
	netdev_put(held, &tracker);
}

module_init(hold);
module_exit(release);
MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Test module: holds a network device");
MODULE_LICENSE("GPL");
