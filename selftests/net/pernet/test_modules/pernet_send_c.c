// SPDX-License-Identifier: GPL-2.0

/*
 * Has the netfilter hooks of a namespace called with a packet while the
 * namespace is being set up: from an init hook that comes after those of
 * pernet_setup. No device is up then, so the packet is sent by none. For
 * pernet_setup.sh.
 */

#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

/* pernet_setup.rs knows the packet by it. */
#define LEN 77

static int __net_init send_init(struct net *net)
{
	struct sk_buff *skb = alloc_skb(LEN, GFP_KERNEL);
	struct iphdr *ip;

	if (!skb)
		return -ENOMEM;

	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, LEN);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(LEN);
	skb->protocol = htons(ETH_P_IP);

	/* It is ours again if all of them accept it. */
	if (nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, NULL, skb, NULL, NULL,
		    NULL) == 1)
		kfree_skb(skb);
	return 0;
}

static struct pernet_operations send_ops = {
	.init = send_init,
};

static int __init send_start(void)
{
	return register_pernet_subsys(&send_ops);
}

static void __exit send_stop(void)
{
	unregister_pernet_subsys(&send_ops);
}

module_init(send_start);
module_exit(send_stop);
MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Test module: sends a packet in each namespace's init");
MODULE_LICENSE("GPL");
