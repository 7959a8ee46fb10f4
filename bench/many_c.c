// SPDX-License-Identifier: GPL-2.0
/*
 * The C twin of many_rust.rs: as many registrations as a parameter says.
 */

#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

static unsigned int count = 1;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "how many to register, 1 to 64");

struct one {
	u64 cookie;
	u64 number;
};

static void one_exit(const struct one *one, const struct net *net)
{
	if (one->cookie != net->net_cookie)
		pr_warn("number %llu of namespace %llu is another's\n",
			one->number, net->net_cookie);
}

#define ONE(n)								\
static unsigned int id_##n __read_mostly;				\
static int __net_init init_##n(struct net *net)				\
{									\
	struct one *one = net_generic(net, id_##n);			\
									\
	one->cookie = net->net_cookie;					\
	one->number = n;						\
	return 0;							\
}									\
static void __net_exit exit_##n(struct net *net)			\
{									\
	one_exit(net_generic(net, id_##n), net);			\
}									\
static struct pernet_operations ops_##n = {				\
	.init = init_##n,						\
	.exit = exit_##n,						\
	.id = &id_##n,							\
	.size = sizeof(struct one),					\
}

ONE(0); ONE(1); ONE(2); ONE(3); ONE(4); ONE(5); ONE(6); ONE(7);
ONE(8); ONE(9); ONE(10); ONE(11); ONE(12); ONE(13); ONE(14); ONE(15);
ONE(16); ONE(17); ONE(18); ONE(19); ONE(20); ONE(21); ONE(22); ONE(23);
ONE(24); ONE(25); ONE(26); ONE(27); ONE(28); ONE(29); ONE(30); ONE(31);
ONE(32); ONE(33); ONE(34); ONE(35); ONE(36); ONE(37); ONE(38); ONE(39);
ONE(40); ONE(41); ONE(42); ONE(43); ONE(44); ONE(45); ONE(46); ONE(47);
ONE(48); ONE(49); ONE(50); ONE(51); ONE(52); ONE(53); ONE(54); ONE(55);
ONE(56); ONE(57); ONE(58); ONE(59); ONE(60); ONE(61); ONE(62); ONE(63);

static struct pernet_operations *const operations[] = {
	&ops_0, &ops_1, &ops_2, &ops_3, &ops_4, &ops_5, &ops_6, &ops_7,
	&ops_8, &ops_9, &ops_10, &ops_11, &ops_12, &ops_13, &ops_14, &ops_15,
	&ops_16, &ops_17, &ops_18, &ops_19, &ops_20, &ops_21, &ops_22, &ops_23,
	&ops_24, &ops_25, &ops_26, &ops_27, &ops_28, &ops_29, &ops_30, &ops_31,
	&ops_32, &ops_33, &ops_34, &ops_35, &ops_36, &ops_37, &ops_38, &ops_39,
	&ops_40, &ops_41, &ops_42, &ops_43, &ops_44, &ops_45, &ops_46, &ops_47,
	&ops_48, &ops_49, &ops_50, &ops_51, &ops_52, &ops_53, &ops_54, &ops_55,
	&ops_56, &ops_57, &ops_58, &ops_59, &ops_60, &ops_61, &ops_62, &ops_63,
};

static void undo(unsigned int i)
{
	while (i--)
		unregister_pernet_subsys(operations[i]);
}

static int __init many_init(void)
{
	unsigned int i;
	int err;

	if (count < 1 || count > ARRAY_SIZE(operations))
		return -EINVAL;
	for (i = 0; i < count; i++) {
		err = register_pernet_subsys(operations[i]);
		if (err) {
			undo(i);
			return err;
		}
	}
	return 0;
}

static void __exit many_exit(void)
{
	undo(count);
}

module_init(many_init);
module_exit(many_exit);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("The C twin of many_rust");
MODULE_LICENSE("GPL");
