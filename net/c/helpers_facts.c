// SPDX-License-Identifier: GPL-2.0

/*
 * The same for what few modules want: facts of a namespace beyond its numbers,
 * who the current task is, and a device on the list of those that go.
 */

#include "bindings_helper.h"

/* The bindings do not have the part of struct ns_common that it is in. */
u32 rust_helper_net_active_refs(struct net *net)
{
	return __ns_ref_active_read(&net->ns);
}

u32 rust_helper_net_devices(struct net *net)
{
	struct net_device *dev;
	u32 count = 0;

	/* The list is made by the first init hooks, and is zeroed before. */
	if (!READ_ONCE(net->dev_base_head.next))
		return 0;
	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		count++;
	rcu_read_unlock();
	return count;
}

u32 rust_helper_net_owner(struct net *net)
{
	return from_kuid(&init_user_ns, net->user_ns->owner);
}

void rust_helper_current_comm(char *comm)
{
	strscpy_pad(comm, current->comm, TASK_COMM_LEN);
}

u64 rust_helper_current_cgroup_id(void)
{
	u64 id = 0;

#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
#endif
	return id;
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
