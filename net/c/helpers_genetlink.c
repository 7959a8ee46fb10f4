// SPDX-License-Identifier: GPL-2.0

/*
 * The same for what is in net/netlink/, for modules that have a family.
 */

#include <linux/capability.h>
#include <linux/net.h>
#include <net/sock.h>

#include "bindings_helper.h"

/* Linux 7.3 has these six itself, and 7.2 does not. */

struct sk_buff *rust_helper_genlmsg_new(size_t payload, gfp_t gfp)
{
	return genlmsg_new(payload, gfp);
}

int rust_helper_genlmsg_multicast(const struct genl_family *family,
				  struct sk_buff *skb, u32 portid,
				  unsigned int group, gfp_t gfp)
{
	return genlmsg_multicast(family, skb, portid, group, gfp);
}

void rust_helper_genlmsg_cancel(struct sk_buff *skb, void *header)
{
	genlmsg_cancel(skb, header);
}

void rust_helper_genlmsg_end(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
}

void rust_helper_nlmsg_free(struct sk_buff *skb)
{
	nlmsg_free(skb);
}

int rust_helper_genl_has_listeners(const struct genl_family *family,
				   struct net *net, unsigned int group)
{
	return genl_has_listeners(family, net, group);
}

struct nlattr *rust_helper_nla_nest_start(struct sk_buff *skb, int attrtype)
{
	return nla_nest_start(skb, attrtype);
}

void rust_helper_nla_nest_end(struct sk_buff *skb, struct nlattr *start)
{
	nla_nest_end(skb, start);
}

void rust_helper_nla_nest_cancel(struct sk_buff *skb, struct nlattr *start)
{
	nla_nest_cancel(skb, start);
}

/*
 * genl_bind() asks who joins a group for the capability only once a family has
 * it, and lets everybody join a group that none has yet. Who has joined stays
 * in it, so who opened the socket is asked for each message, too.
 */
static int lacks_net_admin(struct sock *sk, struct sk_buff *skb, void *data)
{
	/* It has a file as long as it is in a group, if it is not the kernel's own. */
	return !sk->sk_socket || !sk->sk_socket->file ||
	       !file_ns_capable(sk->sk_socket->file, &init_user_ns,
				CAP_NET_ADMIN);
}

int rust_helper_genlmsg_multicast_to_admins(const struct genl_family *family,
					    struct sk_buff *skb,
					    unsigned int group, gfp_t gfp)
{
	return genlmsg_multicast_netns_filtered(family, &init_net, skb, 0,
						group, gfp, lacks_net_admin,
						NULL);
}

int rust_helper_genlmsg_reply(struct sk_buff *skb, struct genl_info *info)
{
	return genlmsg_reply(skb, info);
}
