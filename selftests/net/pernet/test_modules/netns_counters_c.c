// SPDX-License-Identifier: GPL-2.0
/*
 * What samples/netns_counters.rs does, in C: the same files, counters and
 * errors, for pernet_counters.sh to test both alike.
 */

#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#define NAME "netns_counters"

struct traffic {
	u64 packets;
	u64 bytes;
};

/* What one namespace has seen, by family and by where it was. */
struct all_traffic {
	struct traffic at[2][NF_INET_NUMHOOKS];
};

struct counters {
	u8 enabled;
	struct all_traffic __percpu *traffic;
	const struct ctl_table *table;
	struct ctl_table_header *header;
};

static unsigned int counters_id __read_mostly;

static const char * const stages[] = {
	[NF_INET_PRE_ROUTING] = "prerouting",
	[NF_INET_LOCAL_IN] = "input",
	[NF_INET_FORWARD] = "forward",
	[NF_INET_LOCAL_OUT] = "output",
	[NF_INET_POST_ROUTING] = "postrouting",
};

static unsigned int count(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	struct counters *counters = net_generic(state->net, counters_id);
	struct traffic __percpu *at;

	if (READ_ONCE(counters->enabled)) {
		at = &counters->traffic->at[state->pf == NFPROTO_IPV6][state->hook];
		this_cpu_inc(at->packets);
		this_cpu_add(at->bytes, skb->len);
	}
	return NF_ACCEPT;
}

#define POINT(family, stage) {	\
	.hook = count,		\
	.pf = (family),		\
	.hooknum = (stage),	\
}

static const struct nf_hook_ops hooks[] = {
	POINT(NFPROTO_IPV4, NF_INET_PRE_ROUTING),
	POINT(NFPROTO_IPV4, NF_INET_LOCAL_IN),
	POINT(NFPROTO_IPV4, NF_INET_FORWARD),
	POINT(NFPROTO_IPV4, NF_INET_LOCAL_OUT),
	POINT(NFPROTO_IPV4, NF_INET_POST_ROUTING),
	POINT(NFPROTO_IPV6, NF_INET_PRE_ROUTING),
	POINT(NFPROTO_IPV6, NF_INET_LOCAL_IN),
	POINT(NFPROTO_IPV6, NF_INET_FORWARD),
	POINT(NFPROTO_IPV6, NF_INET_LOCAL_OUT),
	POINT(NFPROTO_IPV6, NF_INET_POST_ROUTING),
};

static int counters_show(struct seq_file *seq, void *data)
{
	struct net *net = seq_file_single_net(seq);
	struct counters *counters = net_generic(net, counters_id);
	int family, stage, cpu;

	for (family = 0; family < 2; family++) {
		for (stage = 0; stage < NF_INET_NUMHOOKS; stage++) {
			struct traffic sum = {};

			for_each_possible_cpu(cpu) {
				struct traffic *at =
					&per_cpu_ptr(counters->traffic, cpu)->at[family][stage];

				sum.packets += READ_ONCE(at->packets);
				sum.bytes += READ_ONCE(at->bytes);
			}
			seq_printf(seq, "%s %s %llu packets %llu bytes\n",
				   family ? "ipv6" : "ipv4", stages[stage],
				   sum.packets, sum.bytes);
		}
	}
	return 0;
}

static const struct ctl_table counters_table[] = {
	{
		.procname = "enabled",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
};

static int __net_init counters_init(struct net *net)
{
	struct counters *counters = net_generic(net, counters_id);
	struct ctl_table * const table = kmemdup(counters_table,
						 sizeof(counters_table),
						 GFP_KERNEL);
	int err = -ENOMEM;

	if (!table)
		return err;
	table[0].data = &counters->enabled;
	counters->table = table;
	counters->enabled = 1;

	counters->traffic = alloc_percpu_gfp(struct all_traffic,
					     GFP_KERNEL_ACCOUNT);
	if (!counters->traffic)
		goto err_table;

	if (!proc_create_net_single(NAME, 0444, net->proc_net, counters_show,
				    NULL))
		goto err_traffic;

	counters->header = register_net_sysctl_sz(net, "net/" NAME, table,
						  ARRAY_SIZE(counters_table));
	if (!counters->header)
		goto err_proc;

	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		goto err_sysctl;
	return 0;

err_sysctl:
	/* Some hooks may have been there for a while. */
	synchronize_net();
	unregister_net_sysctl_table(counters->header);
err_proc:
	remove_proc_entry(NAME, net->proc_net);
err_traffic:
	free_percpu(counters->traffic);
err_table:
	kfree(table);
	return err;
}

static void __net_exit counters_pre_exit(struct net *net)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
}

static void __net_exit counters_exit(struct net *net)
{
	struct counters *counters = net_generic(net, counters_id);

	unregister_net_sysctl_table(counters->header);
	remove_proc_entry(NAME, net->proc_net);
	free_percpu(counters->traffic);
	kfree(counters->table);
}

static struct pernet_operations counters_ops = {
	.init = counters_init,
	.pre_exit = counters_pre_exit,
	.exit = counters_exit,
	.id = &counters_id,
	.size = sizeof(struct counters),
};

static int __init counters_load(void)
{
	return register_pernet_subsys(&counters_ops);
}

static void __exit counters_unload(void)
{
	unregister_pernet_subsys(&counters_ops);
}

module_init(counters_load);
module_exit(counters_unload);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Test module: samples/netns_counters.rs in C");
MODULE_LICENSE("GPL");
