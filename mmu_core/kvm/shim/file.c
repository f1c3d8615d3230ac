// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.c - files, descriptors and anonymous inodes: enough for /dev/kvm, VMs, vCPUs and guest_memfd.
 *
 * Descriptors are the shim's own, not the process's.  The last fput() does not release at once but when the operation
 * that is under way returns to its caller, as task_work does in the kernel: KVM drops files while it holds the locks
 * that ->release takes.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>
#include <linux/sched/task.h>

#include "shim.h"

#define FILES_MAX 4096
#define RESERVED ((struct file *)1)

struct shim_file {
	struct rcu_head rcu;
	struct shim_file *next_released;
	struct file file;
};

static struct file *files[FILES_MAX];
static struct host_lock files_lock;
static const struct host_lock_class files_class = { .name = "descriptors of the shim" };
static u64 inodes_made;

/* Files whose last reference this CPU dropped. */
static DEFINE_PER_CPU(struct shim_file *, released);

static void acquire(void)
{
	host_lock_acquire(&files_lock, HOST_LOCK_EXCLUSIVE, &files_lock, &files_class);
}

static void release(void)
{
	host_lock_release(&files_lock, HOST_LOCK_EXCLUSIVE, &files_lock);
}

/* ------------------------------------------------------------------------------------------------------ references */

#if HAVE_FILE_REF
static void set_one_reference(struct file *file)
{
	file_ref_init(&file->f_ref, 1);
}

static bool drop_reference(struct file *file)
{
	return file_ref_put(&file->f_ref);
}

static bool take_reference(struct file *file)
{
	return file_ref_get(&file->f_ref);
}

/* real: the counter left its range: the last reference is gone, or was before */
bool __file_ref_put(file_ref_t *ref, unsigned long count)
{
	return count == FILE_REF_NOREF && atomic_long_cmpxchg(&ref->refcnt, count, FILE_REF_DEAD) == count;
}
#else
static void set_one_reference(struct file *file)
{
	atomic_long_set(&file->f_count, 1);
}

static bool drop_reference(struct file *file)
{
	return atomic_long_dec_and_test(&file->f_count);
}

static bool take_reference(struct file *file)
{
	return atomic_long_inc_not_zero(&file->f_count);
}
#endif

static void free_file(struct rcu_head *head)
{
	host_free(container_of(head, struct shim_file, rcu));
}

/* An inode of a pseudo file system belongs to that, the others are ours. */
static void free_inode_after_rcu(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	if (inode->i_sb)
		inode->i_sb->s_op->free_inode(inode);
	else
		host_free(inode);
}

void shim_inode_put(struct inode *inode)
{
	if (!atomic_dec_and_test(&inode->i_count))
		return;
	truncate_inode_pages_range(&inode->i_data, 0, -1);
	if (inode->i_sb)
		inode->i_sb->s_op->destroy_inode(inode);
	call_rcu(&inode->i_rcu, free_inode_after_rcu);
}

static void release_file(struct shim_file *shim)
{
	struct file *file = &shim->file;
	struct inode *inode = file->f_inode;

	if (file->f_op->release)
		file->f_op->release(inode, file);
	if (inode)
		shim_inode_put(inode);
	call_rcu(&shim->rcu, free_file);
}

void shim_files_settle(void)
{
	struct shim_file *shim;

	while ((shim = raw_cpu_read(released))) {
		raw_cpu_write(released, shim->next_released);
		release_file(shim);
	}
}

/* real */
void fput(struct file *file)
{
	struct shim_file *shim = container_of(file, struct shim_file, file);

	if (!drop_reference(file))
		return;
	shim->next_released = raw_cpu_read(released);
	raw_cpu_write(released, shim);
}

/* real */
struct file *fget(unsigned int fd)
{
	struct file *file;

	acquire();
	file = fd < FILES_MAX && files[fd] != RESERVED ? files[fd] : NULL;
	if (file && !take_reference(file))
		file = NULL;
	release();
	return file;
}

/* real: a file whose pointer another thread may clear, and that may be on its way out */
struct file *get_file_active(struct file **pointer)
{
	struct file *file;

	rcu_read_lock();
	file = READ_ONCE(*pointer);
	if (file && !take_reference(file))
		file = NULL;
	rcu_read_unlock();
	return file;
}

/* ----------------------------------------------------------------------------------------------------- descriptors */

/* real */
int get_unused_fd_flags(unsigned int flags)
{
	int fd;

	acquire();
	for (fd = 3; fd < FILES_MAX && files[fd]; fd++)
		;
	if (fd < FILES_MAX)
		files[fd] = RESERVED;
	release();
	return fd < FILES_MAX ? fd : -EMFILE;
}

/* real */
void put_unused_fd(unsigned int fd)
{
	acquire();
	HOST_ASSERT(files[fd] == RESERVED);
	files[fd] = NULL;
	release();
}

/* real */
void fd_install(unsigned int fd, struct file *file)
{
	acquire();
	HOST_ASSERT(files[fd] == RESERVED);
	files[fd] = file;
	release();
}

void shim_inode_begin(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;

	atomic_set(&inode->i_count, 1);
	inode->i_ino = __atomic_add_fetch(&inodes_made, 1, __ATOMIC_RELAXED);
	inode->i_mapping = mapping;
	mapping->host = inode;
	xa_init_flags(&mapping->i_pages, XA_FLAGS_LOCK_IRQ | XA_FLAGS_ACCOUNT);
	init_rwsem(&mapping->invalidate_lock);
#if HAVE_I_PRIVATE_LIST
	INIT_LIST_HEAD(&mapping->i_private_list);
#endif
	mapping_set_unevictable(mapping);
}

static struct inode *make_inode(void)
{
	struct inode *inode = host_alloc(sizeof(*inode), 64, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);

	shim_inode_begin(inode);
	return inode;
}

static struct file *make_file(const struct file_operations *operations, void *private, int flags)
{
	struct shim_file *shim = host_alloc(sizeof(*shim), 64, HOST_ALLOC_ZERO);
	struct file *file;

	if (!shim)
		return ERR_PTR(-ENOMEM);
	file = &shim->file;
	set_one_reference(file);
	file->f_op = operations;
	file->private_data = private;
	file->f_flags = flags;
	file->f_mode = FMODE_READ | FMODE_WRITE;
	return file;
}

/* real */
struct file *anon_inode_getfile(const char *name, const struct file_operations *operations, void *private, int flags)
{
	return make_file(operations, private, flags);
}

struct file *shim_file_of_inode(struct inode *inode, const struct file_operations *operations, int flags)
{
	struct file *file = make_file(operations, NULL, flags);

	if (!IS_ERR(file)) {
		file->f_inode = inode;
		file->f_mapping = inode->i_mapping;
	}
	return file;
}

/* real: with an inode of its own, which guest_memfd uses for its page cache */
struct file *anon_inode_create_getfile(const char *name, const struct file_operations *operations, void *private,
				       int flags, const struct inode *context)
{
	struct file *file = make_file(operations, private, flags);

	if (!IS_ERR(file)) {
		file->f_inode = make_inode();
		file->f_mapping = file->f_inode->i_mapping;
	}
	return file;
}

/* real */
struct file *anon_inode_getfile_fmode(const char *name, const struct file_operations *operations, void *private,
				      int flags, fmode_t mode)
{
	return make_file(operations, private, flags);
}

/* real */
int anon_inode_getfd(const char *name, const struct file_operations *operations, void *private, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = make_file(operations, private, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/* ------------------------------------------------------------------------------------------- doors for the adapter */

static const struct file_operations *kvm_device;

/* real: KVM registers one device */
int misc_register(struct miscdevice *device)
{
	kvm_device = device->fops;
	return 0;
}

/* real */
void misc_deregister(struct miscdevice *device)
{
	kvm_device = NULL;
}

int shim_open_kvm(void)
{
	return kvm_device ? anon_inode_getfd("kvm", kvm_device, NULL, 0) : -ENODEV;
}

struct file *shim_file(int fd)
{
	return fd >= 0 && fd < FILES_MAX && files[fd] != RESERVED ? files[fd] : NULL;
}

long shim_ioctl(int fd, unsigned int command, unsigned long argument)
{
	struct file *file = fget(fd);
	long result;

	if (!file)
		return -EBADF;
	result = file->f_op->unlocked_ioctl(file, command, argument);
	fput(file);
	shim_files_settle();
	return result;
}

/* The checks of vfs_fallocate() that come before the file's own; combinations of modes are refused by either. */
static long check_fallocate(const struct file *file, loff_t offset, loff_t bytes)
{
	loff_t end;

	if (offset < 0 || bytes <= 0)
		return -EINVAL;
	if (!file->f_op->fallocate)
		return -ENODEV; /* no regular file */
	return check_add_overflow(offset, bytes, &end) ? -EFBIG : 0;
}

long shim_fallocate(int fd, int mode, loff_t offset, loff_t bytes)
{
	struct file *file = fget(fd);
	long result;

	if (!file)
		return -EBADF;
	result = check_fallocate(file, offset, bytes);
	if (!result)
		result = file->f_op->fallocate(file, mode, offset, bytes);
	fput(file);
	shim_files_settle();
	return result;
}

void shim_close(int fd)
{
	struct file *file;

	acquire();
	file = files[fd];
	HOST_ASSERT(file && file != RESERVED);
	files[fd] = NULL;
	release();
	fput(file);
	shim_files_settle();
}

/* One fault of the mapping that mmap() would make. */
void *shim_map_page(int fd, unsigned long pgoff)
{
	struct vm_area_struct vma = { .vm_start = pgoff << PAGE_SHIFT,
				      .vm_end = (pgoff + 1) << PAGE_SHIFT,
				      .vm_pgoff = pgoff,
				      .vm_flags = VM_READ | VM_WRITE | VM_SHARED };
	struct vm_fault fault = { .vma = &vma, .pgoff = pgoff };
	struct file *file = fget(fd);
	void *address = NULL;

	if (!file)
		return NULL;
	vma.vm_file = file;
	if (file->f_op->mmap && !file->f_op->mmap(file, &vma) && vma.vm_ops && !vma.vm_ops->fault(&fault)) {
		address = page_address(fault.page);
		put_page(fault.page);
	}
	fput(file);
	shim_files_settle();
	return address;
}
