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
