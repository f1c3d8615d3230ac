// SPDX-License-Identifier: GPL-2.0-only
/* pseudo_fs.c - the file system that newer kernels keep guest_memfd inodes in: a mount, its super block, its inodes. */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "shim.h"

#if HAVE_SECURE_INODE
struct shim_mount {
	struct pseudo_fs_context pseudo;
	struct super_block super;
	struct vfsmount mount;
};

/* real: what a pseudo file system's init_fs_context() fills in */
struct pseudo_fs_context *init_pseudo(struct fs_context *context, unsigned long magic)
{
	return context->fs_private;
}

/* real */
struct vfsmount *kern_mount(struct file_system_type *type)
{
	struct shim_mount *mount = host_alloc(sizeof(*mount), 64, HOST_ALLOC_ZERO);
	struct fs_context context = { .fs_type = type, .fs_private = &mount->pseudo };
	int error;

	if (!mount)
		return ERR_PTR(-ENOMEM);
	error = type->init_fs_context(&context);
	if (error) {
		host_free(mount);
		return ERR_PTR(error);
	}
	mount->super.s_op = mount->pseudo.ops;
	mount->mount.mnt_sb = &mount->super;
	return &mount->mount;
}

/* real */
void kern_unmount(struct vfsmount *mount)
{
	host_free(container_of(mount, struct shim_mount, mount));
}

/* real: runs when the inode cache makes a new object */
void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
}

/* real */
struct inode *anon_inode_make_secure_inode(struct super_block *super, const char *name, const struct inode *context)
{
	struct inode *inode = super->s_op->alloc_inode(super);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_sb = super;
	shim_inode_begin(inode);
	return inode;
}

/* real */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mount, const char *name, int flags,
			       const struct file_operations *operations)
{
	return shim_file_of_inode(inode, operations, flags);
}

/* real */
void iput(struct inode *inode)
{
	shim_inode_put(inode);
}
#endif
