// SPDX-License-Identifier: GPL-2.0

/*
 * The same for what is in net/resource/, for modules that use it: who links
 * this has all of it.
 */

#include "bindings_helper.h"

void __percpu *rust_helper_alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	return __alloc_percpu_gfp(size, align, gfp);
}

void rust_helper_this_cpu_add_u64(u64 __percpu *at, u64 number)
{
	this_cpu_add(*at, number);
}

u64 rust_helper_per_cpu_sum_u64(u64 __percpu *at)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(at, cpu));
	return sum;
}

void rust_helper_init_delayed_work(struct delayed_work *work, work_func_t run)
{
	INIT_DELAYED_WORK(work, run);
}

/* Not the same for lockdep: it is not waited for where the others are. */
void rust_helper_init_chore(struct delayed_work *work, work_func_t run)
{
	INIT_DELAYED_WORK(work, run);
}

static void link_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE |
			   IFF_DISABLE_NETPOLL;
	dev->lltx = true;
	dev->needs_free_netdev = true;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_DSTATS;
	eth_hw_addr_random(dev);
}

/* A device that is not registered yet. */
struct net_device *rust_helper_alloc_link(struct net *net, const char *name,
					  size_t priv_size,
					  const struct net_device_ops *ops,
					  const struct rtnl_link_ops *link_ops)
{
	struct net_device *dev;

	dev = alloc_netdev(priv_size, name, NET_NAME_UNKNOWN, link_setup);
	if (!dev)
		return NULL;
	dev_net_set(dev, net);
	dev->netdev_ops = ops;
	dev->rtnl_link_ops = link_ops;
	return dev;
}

/* Inline stubs without CONFIG_DEBUG_NET_SMALL_RTNL. */
void rust_helper_rtnl_net_lock(struct net *net)
{
	rtnl_net_lock(net);
}

void rust_helper_rtnl_net_unlock(struct net *net)
{
	rtnl_net_unlock(net);
}

/*
 * Unregisters a device that may have been moved to another namespace, or be
 * unregistered already: then what is noted is null. RTNL keeps both from
 * changing.
 */
void rust_helper_unregister_link(struct net_device **noted)
{
	struct net_device *dev;

	rtnl_lock();
	dev = *noted;
	if (dev) {
		struct net *net = dev_net(dev);

		__rtnl_net_lock(net);
		unregister_netdevice(dev);
		__rtnl_net_unlock(net);
	}
	rtnl_unlock();
}

void rust_helper_dev_dstats_tx_add(struct net_device *dev, unsigned int len)
{
	dev_dstats_tx_add(dev, len);
}

void rust_helper_dev_dstats_tx_dropped(struct net_device *dev)
{
	dev_dstats_tx_dropped(dev);
}

/* A function in kernels with tracepoints only. */
void rust_helper_consume_skb(struct sk_buff *skb)
{
	consume_skb(skb);
}
