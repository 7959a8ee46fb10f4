// SPDX-License-Identifier: GPL-2.0

/*
 * The twin of pernet_puppet.rs in C: the same commands, slots and trace, on
 * /dev/pernet_puppet_c. Where the traces of the two differ, the wrapper is to
 * blame; where they agree and the model differs, the model is.
 */

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "puppet.h"

static ssize_t puppet_read(struct file *file, char __user *to, size_t room,
			   loff_t *pos)
{
	return trace_read(to, room);
}

static ssize_t puppet_write(struct file *file, const char __user *from,
			    size_t len, loff_t *pos)
{
	return control_write(from, len) ?: len;
}

static const struct file_operations puppet_fops = {
	.owner = THIS_MODULE,
	.read = puppet_read,
	.write = puppet_write,
};

static struct miscdevice puppet_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.fops = &puppet_fops,
};

static int __init pernet_puppet_c_init(void)
{
	int err;

	err = puppet_trace_init();
	if (err)
		return err;
	slots_init();
	err = misc_register(&puppet_device);
	if (err)
		goto free;

	err = control_serve();
	if (!err)
		return 0;

	slots_undo();
	control_end();
	misc_deregister(&puppet_device);
	/*
	 * An open file keeps a module from being unloaded, but not one that
	 * fails to load from being freed. Loading has a reference of its own.
	 */
	while (module_refcount(THIS_MODULE) > 1)
		msleep(20);
	trace_log();
free:
	trace_free();
	return err;
}
module_init(pernet_puppet_c_init);

static void __exit pernet_puppet_c_exit(void)
{
	slots_undo();
	misc_deregister(&puppet_device);
	trace_log();
	trace_free();
}
module_exit(pernet_puppet_c_exit);

MODULE_AUTHOR("rust-pernet contributors");
MODULE_DESCRIPTION("Test module: the twin of pernet_puppet in C");
MODULE_LICENSE("GPL");
