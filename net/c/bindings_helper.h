/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bindgen reads: the C side that the kernel crate has no bindings for.
 * bindgen_parameters names what is taken of it.
 */

#include <linux/cgroup.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>

/* The functions of helpers.c, helpers_genetlink.c and helpers_resource.c. */
void rust_helper_put_net(struct net *net);
void rust_helper_netns_tracker_alloc(struct net *net, netns_tracker *tracker,
				     gfp_t gfp);
void rust_helper_get_net_track(struct net *net, netns_tracker *tracker,
			       gfp_t gfp);
void rust_helper_put_net_track(struct net *net, netns_tracker *tracker);
struct net *rust_helper_maybe_get_net(struct net *net);
struct net *rust_helper_get_net_ns_by_fd(int fd);
int rust_helper_dellink_by_name(struct net *net, const char *name,
				struct list_head *dev_kill_list);
u32 rust_helper_net_active_refs(struct net *net);
u32 rust_helper_net_devices(struct net *net);
u32 rust_helper_net_owner(struct net *net);
void rust_helper_current_comm(char *comm);
u64 rust_helper_current_cgroup_id(void);
struct sk_buff *rust_helper_genlmsg_new(size_t payload, gfp_t gfp);
int rust_helper_genlmsg_multicast(const struct genl_family *family,
				  struct sk_buff *skb, u32 portid,
				  unsigned int group, gfp_t gfp);
void rust_helper_genlmsg_cancel(struct sk_buff *skb, void *header);
void rust_helper_genlmsg_end(struct sk_buff *skb, void *header);
void rust_helper_nlmsg_free(struct sk_buff *skb);
int rust_helper_genl_has_listeners(const struct genl_family *family,
				   struct net *net, unsigned int group);
struct nlattr *rust_helper_nla_nest_start(struct sk_buff *skb, int attrtype);
void rust_helper_nla_nest_end(struct sk_buff *skb, struct nlattr *start);
void rust_helper_nla_nest_cancel(struct sk_buff *skb, struct nlattr *start);
int rust_helper_genlmsg_multicast_to_admins(const struct genl_family *family,
					    struct sk_buff *skb,
					    unsigned int group, gfp_t gfp);
int rust_helper_genlmsg_reply(struct sk_buff *skb, struct genl_info *info);
void rust_helper_init_chore(struct delayed_work *work, work_func_t run);
void __percpu *rust_helper_alloc_percpu_gfp(size_t size, size_t align,
					    gfp_t gfp);
void rust_helper_this_cpu_add_u64(u64 __percpu *at, u64 number);
u64 rust_helper_per_cpu_sum_u64(u64 __percpu *at);
void rust_helper_init_delayed_work(struct delayed_work *work, work_func_t run);
struct net_device *rust_helper_alloc_link(struct net *net, const char *name,
					  size_t priv_size,
					  const struct net_device_ops *ops,
					  const struct rtnl_link_ops *link_ops);
void rust_helper_rtnl_net_lock(struct net *net);
void rust_helper_rtnl_net_unlock(struct net *net);
void rust_helper_unregister_link(struct net_device **noted);
void rust_helper_consume_skb(struct sk_buff *skb);
void rust_helper_dev_dstats_tx_add(struct net_device *dev, unsigned int len);
void rust_helper_dev_dstats_tx_dropped(struct net_device *dev);

/* Where netdev_priv() is. */
static const size_t RUST_CONST_HELPER_NETDEV_PRIV_OFFSET =
	offsetof(struct net_device, priv);

/* Macros that bindgen does not see through. */
static const u8 RUST_CONST_HELPER_GENL_MCAST_CAP_NET_ADMIN =
	GENL_MCAST_CAP_NET_ADMIN;
static const size_t RUST_CONST_HELPER_GENLMSG_DEFAULT_SIZE =
	GENLMSG_DEFAULT_SIZE;
