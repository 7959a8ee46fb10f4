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
	one->number = 0##n;						\
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
};

/* All octal numbers of two digits. */
#define EIGHT(what, n)							\
	what(n##0) what(n##1) what(n##2) what(n##3)			\
	what(n##4) what(n##5) what(n##6) what(n##7)
#define ALL(what)							\
	EIGHT(what, 0) EIGHT(what, 1) EIGHT(what, 2) EIGHT(what, 3)	\
	EIGHT(what, 4) EIGHT(what, 5) EIGHT(what, 6) EIGHT(what, 7)

ALL(ONE)

#define POINTER(n) &ops_##n,
static struct pernet_operations *const operations[] = { ALL(POINTER) };

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
