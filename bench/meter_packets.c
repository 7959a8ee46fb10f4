// SPDX-License-Identifier: GPL-2.0
/*
 * What modules do with a packet of the initial namespace, called as netfilter
 * calls it.
 */

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "meter.h"

#ifdef CONFIG_NETFILTER

static unsigned int accept(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static noinline u64 run_packet(const struct nf_hook_entry *entry,
			       struct sk_buff *skb,
			       const struct nf_hook_state *state, u32 count)
{
	unsigned long flags;
	u64 start, end;
	u32 i;

	local_irq_save(flags);
	start = ktime_get_ns();
	for (i = 0; i < count; i++) {
		nf_hook_entry_hookfn(entry, skb, (void *)state);
		barrier();
	}
	end = ktime_get_ns();
	local_irq_restore(flags);
	return end - start;
}

static void measure_packet(const struct nf_hook_entry *entry,
			   struct sk_buff *skb,
			   const struct nf_hook_state *state,
			   const char *where)
{
	struct target t = {};
	u32 count;

	module_of(entry->hook, t.module);
	count = calls_for(run_packet(entry, skb, state, 4));
	tell(&t, "packet", where, run_packet(entry, skb, state, count), count);
}

static void measure_packets_at(struct nf_hook_entries __rcu **hooks,
			       struct sk_buff *skb,
			       const struct nf_hook_state *state,
			       const char *where)
{
	const struct nf_hook_entries *entries;
	unsigned int i;

	entries = rcu_dereference(hooks[state->hook]);
	for (i = 0; entries && i < entries->num_hook_entries; i++)
		measure_packet(&entries->hooks[i], skb, state, where);
}

/* What sees packets of the initial namespace, and what does nothing. */
int measure_packets(void)
{
	const struct nf_hook_entry nothing = { .hook = accept };
	struct nf_hook_state state = {
		.hook = NF_INET_LOCAL_IN,
		.net = &init_net,
	};
	struct sk_buff *skb;

	skb = alloc_skb(128, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_put_zero(skb, 100);

	measure_packet(&nothing, skb, &state, "nowhere");
	rcu_read_lock();
	state.pf = NFPROTO_IPV4;
	measure_packets_at(init_net.nf.hooks_ipv4, skb, &state, "ipv4");
	state.pf = NFPROTO_IPV6;
	measure_packets_at(init_net.nf.hooks_ipv6, skb, &state, "ipv6");
	rcu_read_unlock();
	kfree_skb(skb);
	return 0;
}

#else

int measure_packets(void)
{
	return -EINVAL;
}

#endif
