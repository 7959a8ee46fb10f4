// SPDX-License-Identifier: GPL-2.0

/*
 * What Rust cannot call: inline functions, and structures that have no
 * bindings.
 */

#include "bindings_helper.h"

/*
 * slot.rs reads net->gen->ptr[id] itself, as net_generic() does, and the length
 * of the array: both start where the structure does.
 */
static_assert(offsetof(struct net_generic, ptr) == 0);
static_assert(offsetof(struct net_generic, s.len) == 0);
static_assert(sizeof_field(struct net_generic, s.len) == sizeof(unsigned int));

void rust_helper_get_net_track(struct net *net, netns_tracker *tracker,
			       gfp_t gfp)
{
	get_net_track(net, tracker, gfp);
}

void rust_helper_put_net_track(struct net *net, netns_tracker *tracker)
{
	put_net_track(net, tracker);
}

void rust_helper_put_net(struct net *net)
{
	put_net(net);
}

struct net *rust_helper_maybe_get_net(struct net *net)
{
	return maybe_get_net(net);
}

void rust_helper_netns_tracker_alloc(struct net *net, netns_tracker *tracker,
				     gfp_t gfp)
{
	netns_tracker_alloc(net, tracker, gfp);
}

/* An inline stub without CONFIG_NET_NS, so the bindings have it only with. */
struct net *rust_helper_get_net_ns_by_fd(int fd)
{
	return get_net_ns_by_fd(fd);
}

/*
 * Queues a device as "ip link del" does (rtnl_dellink()): by its driver's
 * dellink, which not every device has. A device that is on a kill list already
 * stays as it is; some dellink functions do not stand a second call.
 */
int rust_helper_dellink_by_name(struct net *net, const char *name,
				struct list_head *dev_kill_list)
{
	struct net_device *dev;

	ASSERT_RTNL();

	dev = __dev_get_by_name(net, name);
	if (!dev)
		return -ENODEV;
	if (!dev->rtnl_link_ops || !dev->rtnl_link_ops->dellink)
		return -EOPNOTSUPP;
	if (!list_empty(&dev->unreg_list))
		return -EBUSY;

	dev->rtnl_link_ops->dellink(dev, dev_kill_list);
	return 0;
}
