/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gmm.h - guest memory management: what a VM and a vCPU are, for the files of this layer and for those above it.
 *
 * Units:    gfn, pfn and npages in 4 KiB pages; hva and gpa in bytes; ranges are half open.
 * Locks, in the order in which they are taken (the rank is checked by the host):
 *     10  vm.lock           vCPUs are made
 *     20  vcpu.mutex        who runs the vCPU, or asks something of it; all fields of a vCPU but the marked ones
 *     30  vm.slots_lock     slots, attributes, rings' resets: what userspace changes
 *     44  gmem_file.lock    the pages of one file
 *     46  vm.files_lock     descriptors
 *     48  vm.cache_lock     room in the model of caches
 *     50  vm.window_lock    how many notifiers are between their start and their end
 *     60  vm.mmu_lock       read: faults; write: everybody else who touches tables, and the invalidation state
 *     70  vm.pages_lock     the list of roots, the list of tables split for NX
 * SRCU:     slots are found and used inside of one read section; an update returns to its caller when all sections that
 *           might know the slot of before are over.
 * RCU:      pt/tree.h.
 * Source:   spec.md 3, 10.2.
 */
#ifndef MMU_REFERENCE_GMM_GMM_H
#define MMU_REFERENCE_GMM_GMM_H

#include "mmu_core/core.h"

#include "gmm/radix.h"
#include "gmm/slot.h"
#include "gmm/visibility.h"
#include "pt/tree.h"

#define GMM_VCPUS_MAX HOST_CPUS_MAX
#define GMM_VCPU_IDS 4096

/* The owner's bits of a leaf. */
#define GMM_HOST_WRITABLE PT_SOFT_0 /* the host lets the process write */
#define GMM_MMU_WRITABLE PT_SOFT_1 /* only logging keeps W away: a fault may set it without asking anybody */

struct gmm_root;
struct gmem_file;

/* A vCPU leaves the guest to see to these. */
enum gmm_request {
	GMM_REQUEST_FLUSH = 1 << 0,
	GMM_REQUEST_FREE_OBSOLETE_ROOTS = 1 << 1,
	GMM_REQUEST_LOOK = 1 << 2, /* at what has changed: the log has to be drained, or PML switched on */
};

enum gmm_mode {
	GMM_OUTSIDE,
	GMM_IN_GUEST,
	GMM_EXITING, /* somebody has interrupted it already */
};

struct gmm_ring_entry {
	uint32_t flags; /* 0 free, then GMM_RING_DIRTY by the vCPU, GMM_RING_RESET by who took it */
	uint32_t as_and_id;
	uint64_t page;
};
#define GMM_RING_DIRTY 1u
#define GMM_RING_RESET 2u

struct gmm_ring {
	struct gmm_ring_entry *entry; /* NULL: no rings */
	uint32_t size;
	uint32_t dirty_index; /* vcpu.mutex */
	uint32_t reset_index; /* slots_lock; read by the vCPU */
	uint32_t taken_index; /* take_lock */
	struct host_lock take_lock;
};

struct mmu_vcpu {
	struct mmu_vm *vm;
	uint64_t id;
	struct host_lock mutex;
	const struct mmu_guest_ops *guest_ops;
	void *guest;

	/* For any CPU: atomics. */
	uint32_t mode; /* enum gmm_mode */
	uint32_t requests;
	uint32_t cpu; /* that it runs on, while mode is not OUTSIDE */
	uint32_t kicked; /* vcpu_kick(): the next possible exit */

	struct gmm_root *root, *mirror_root; /* hold references */
	bool root_is_new; /* the CPU has not been flushed since it was loaded */
	struct pt_cache cache;
	struct gmm_slot *last_slot; /* of generation @last_generation */
	uint64_t last_generation;
	uint64_t lookups; /* in containers, and of attributes for them, so far */
	struct gmm_ring ring;
	uint32_t role; /* that the CPU's mode asks for */
	bool in_smm;

	struct {
		bool outstanding; /* userspace is completing the access */
		bool read;
		bool completed; /* do not repeat it */
		uint64_t value;
	} mmio;
	struct { /* of the last -EFAULT with a memory-fault exit */
		bool valid;
		gpa_t gpa;
		bool private;
	} memory_fault;
	bool smi_pending;
	uint32_t smbase; /* bytes */
};

/* What an architecture adds to the common part; NULL functions: nothing.  (The five hooks of spec.md S4.3.) */
struct gmm_fault;
struct gmm_arch {
	uint32_t (*role)(const struct mmu_vcpu *vcpu);
	unsigned int (*mode_of_role)(uint32_t role);
	uint32_t mirror_role; /* the bit that tells a mirror's role; 0: the architecture has none */
	bool (*nx_huge_pages)(const struct mmu_vm *vm);
	void (*adjust_level)(struct gmm_fault *fault, struct pt_mapping *mapping, const struct pt_iter *iter);
	void (*before_link)(struct gmm_fault *fault, struct pt_table *table);
	void (*after_link)(struct gmm_fault *fault, struct pt_table *table);
	void (*unlinked)(struct mmu_vm *vm, struct pt_table *table);
};

/* Whose caches have to be written back when memory goes back to the host. */
enum gmm_kind {
	GMM_KIND_PLAIN, /* nobody's: nothing is encrypted */
	GMM_KIND_SEV, /* private memory is memory of the process */
	GMM_KIND_SNP, /* private memory is a guest_memfd's only */
	GMM_KIND_TDX, /* and translated by tables that somebody else keeps (mirror.h) */
};

/* How exactly an event about one kind of memory keeps to it (spec.md S2.6). */
enum gmm_filter_mode {
	GMM_FILTER_EXACT, /* leaf by leaf: here */
	GMM_FILTER_ROOTS, /* by trees: those for that kind; where one tree is for both, everything in the range */
	GMM_FILTER_NONE, /* everything in the range: KVM 6.12 */
};

struct mmu_vm {
	struct mmu_core_config config;
	struct mmu_vm_config vm_config;
	const struct gmm_arch *arch;
	struct pt_format format;
	struct vis vis;
	unsigned int nr_as; /* address spaces, or the sets that vis.design has instead */
	bool has_private;
	bool nx_disabled; /* for this VM, for ever */
	bool dead, bugged;

	struct host_lock lock, slots_lock, files_lock, window_lock, mmu_lock, pages_lock;
	struct host_srcu *srcu;

	struct mmu_vcpu *vcpu[GMM_VCPUS_MAX];
	uint32_t nr_vcpus; /* release: the vCPU is whole */

	struct gmm_slots slots[VIS_SETS_MAX];
	uint64_t slot_npages;
	uint32_t slots_logged; /* atomic: read at each entry */

	struct gmm_radix attributes; /* by gfn */
	struct gmem_file *files; /* files_lock */
	int next_descriptor;
	uint64_t next_file_id;

	/* The invalidation protocol (invalidate.c); written with mmu_lock held for writing. */
	uint64_t seq;
	int64_t in_progress;
	gfn_t invalid_start, invalid_end; /* hull of all that is in progress */
	int64_t windows; /* window_lock; notifiers between start and end */
	struct host_mm_notifier notifier;
	bool registered;

	struct pt_links roots; /* pages_lock */
	struct pt_links nx_tables; /* pages_lock */
	int64_t nx_count;
	int64_t leafs[MMU_LEVELS_MAX + 1], tables; /* atomics */
	int64_t remote_flushes;
	int64_t reclaimed; /* how often memory of the process was */
	enum gmm_kind kind;
	enum gmm_filter_mode filter_mode;
	const struct gmm_external *external; /* NULL: one tree is for both kinds of memory */
	struct host_lock cache_lock; /* makes room in @cache_dirty */
	struct gmm_radix cache_dirty; /* by pfn; kinds that encrypt */
	uint64_t cache_flushes;

	struct mmu_vm *next; /* of all VMs: adapter/vms.c */
};

/* ------------------------------------------------------------------------------------------------------ lock.c */

extern const struct host_lock_class gmm_vm_class, gmm_vcpu_class, gmm_slots_class, gmm_file_class, gmm_files_class,
	gmm_window_class, gmm_mmu_class, gmm_pages_class, gmm_ring_class, gmm_cache_class;

static inline void gmm_lock(struct host_lock *lock, const struct host_lock_class *class)
{
	host_lock_acquire(lock, HOST_LOCK_EXCLUSIVE, lock, class);
}

static inline void gmm_unlock(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_EXCLUSIVE, lock);
}

void gmm_mmu_lock(struct mmu_vm *vm, enum pt_mode mode);
void gmm_mmu_unlock(struct mmu_vm *vm, enum pt_mode mode);
extern const struct pt_hooks gmm_pt_hooks;

/* The core is wrong: reports, and the VM is marked. */
void gmm_bug(struct mmu_vm *vm, const char *file, int line, const char *what);
#define GMM_BUG_ON(vm, condition) ((condition) ? gmm_bug(vm, __FILE__, __LINE__, #condition) : (void)0)

/* --------------------------------------------------------------------------------------------------- request.c */

/* Sets the bits on every vCPU, and returns when none is in the guest that has not seen them. */
void gmm_request_all(struct mmu_vm *vm, uint32_t requests);
void gmm_flush(struct mmu_vm *vm);
extern bool gmm_flushes_are_lost; /* the saboteur's: requests come, CPUs do nothing about them */
/* Between the two the guest may run; false: there is something to do first.  Interrupts are off in between. */
bool gmm_enter_begin(struct mmu_vcpu *vcpu);
void gmm_enter_end(struct mmu_vcpu *vcpu);

/* ---------------------------------------------------------------------------------------------------- roots.c */

struct gmm_root {
	struct pt_tree tree;
	struct mmu_vm *vm;
	struct pt_links links; /* pages_lock */
	uint32_t role;
	uint8_t mode;
	bool mirror; /* of private memory, and not what hardware uses */
	uint16_t sets; /* that the mode looks into: a mask */
	int32_t count; /* atomic; one is the VM's until the root has been zapped */
	bool invalid, scheduled; /* written with mmu_lock held for writing */
	struct host_rcu_head rcu;
};

static inline struct gmm_root *gmm_root_of(struct pt_tree *tree)
{
	return (struct gmm_root *)tree;
}

int gmm_root_load(struct mmu_vcpu *vcpu); /* -ENOMEM */
void gmm_root_drop(struct mmu_vcpu *vcpu); /* what the vCPU has loaded */
void gmm_role_set(struct mmu_vcpu *vcpu, uint32_t role); /* its mode is another one from now on */

/*
 * Each root in turn, with a reference while the caller has it, so that it may yield.  @as_id: of modes that look into
 * this set; -1: of any.
 */
struct gmm_root *gmm_root_next(struct mmu_vm *vm, struct gmm_root *root, int as_id, bool invalid_too);
void gmm_root_put(struct gmm_root *root); /* mmu_lock held; gmm_root_next() has done so for all but a last one */
#define gmm_for_each_root(root, vm, as_id, invalid_too)                                 \
	for (struct gmm_root *root = gmm_root_next(vm, NULL, as_id, invalid_too); root; \
	     root = gmm_root_next(vm, root, as_id, invalid_too))

/* No vCPU may use the roots of now again, but for mirrors; slots_lock.  Returns when they are empty. */
void gmm_zap_all_fast(struct mmu_vm *vm);
/* Its two halves, also for mirrors, whose end is the VM's. */
void gmm_roots_invalidate(struct mmu_vm *vm, bool mirrors);
void gmm_roots_empty(struct mmu_vm *vm, bool mirrors);
/* Every entry of every root that has memory of the process, at once. */
void gmm_zap_everything(struct mmu_vm *vm);
void gmm_roots_destroy(struct mmu_vm *vm); /* no vCPU has one */

/* ----------------------------------------------------------------------------------------------- invalidate.c */

/* What kind of memory an event is about (spec.md S2.1). */
enum gmm_filter {
	GMM_SHARED = 1 << 0,
	GMM_PRIVATE = 1 << 1,
};

struct gmm_range {
	unsigned int as_id;
	gfn_t start, end;
	unsigned int filter; /* enum gmm_filter */
	bool may_yield;
};

/* mmu_lock held for writing.  @range is added in the same critical section as the begin. */
void gmm_invalidate_begin(struct mmu_vm *vm);
void gmm_invalidate_add(struct mmu_vm *vm, gfn_t start, gfn_t end);
void gmm_invalidate_end(struct mmu_vm *vm);
/* The same as two booleans, as it was first proposed; false: both at once, which means nothing. */
bool gmm_filter_of(bool only_private, bool only_shared, unsigned int *filter);
/* Is a leaf one that an event about @filter takes?  NULL: each is. */
bool (*gmm_wanted(const struct mmu_vm *vm, unsigned int filter))(const struct pt_entry *leaf);
/* Leafs of the range, whole, in all roots that look into its set.  Returns flush. */
bool gmm_zap_range(struct mmu_vm *vm, const struct gmm_range *range, bool flush);

bool gmm_is_invalidated(const struct mmu_vm *vm, gfn_t start, gfn_t end); /* mmu_lock held */

/* ------------------------------------------------------------------------------------------------- notifier.c */

int gmm_notifier_register(struct mmu_vm *vm);
void gmm_notifier_unregister(struct mmu_vm *vm);
/* Runs @publish when no notifier is between its start and its end; none begins meanwhile. */
void gmm_between_windows(struct mmu_vm *vm, void (*publish)(void *context), void *context);

/* -------------------------------------------------------------------------------------------------- reclaim.c */

/* Memory of the process that the VM may use has gone, zapped or not; once for each event, behind mmu_lock. */
void gmm_reclaimed(struct mmu_vm *vm);
/* A guest_memfd frees pages: before it does. */
void gmm_file_frees(struct mmu_vm *vm);
int gmm_cache_reserve(struct mmu_vm *vm, mmu_pfn_t pfn, uint64_t npages); /* -ENOMEM; before the pages are mapped */
void gmm_cache_written(struct mmu_vm *vm, mmu_pfn_t pfn, uint64_t npages); /* a writable leaf has gone */
bool gmm_cache_is_dirty(struct mmu_vm *vm, mmu_pfn_t pfn); /* no flush since */

/* ----------------------------------------------------------------------------------------------- attributes.c */

uint64_t gmm_attributes(struct mmu_vm *vm, gfn_t gfn);
uint64_t gmm_attributes_supported(const struct mmu_vm *vm);
bool gmm_is_private(struct mmu_vm *vm, gfn_t gfn);
int gmm_attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags);
/*
 * Marks the frames of @slot that overlap [start, end) as mixed or not.  mmu_lock held for writing, or nobody knows
 * it.
 */
void gmm_update_mixed(struct mmu_vm *vm, struct gmm_slot *slot, gfn_t start, gfn_t end);

/* ----------------------------------------------------------------------------------------------------- gmem.c */

int gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags);
int gmem_fallocate(struct mmu_vm *vm, int descriptor, unsigned int mode, uint64_t offset, uint64_t bytes);
int gmem_error(struct mmu_vm *vm, int descriptor, uint64_t offset);
void gmem_close(struct mmu_vm *vm, int descriptor);
void gmem_close_all(struct mmu_vm *vm);
uint64_t gmem_id(struct mmu_vm *vm, int descriptor);
/* -EBADF, -EINVAL.  slots_lock. */
int gmem_bind(struct mmu_vm *vm, struct gmm_slot *slot, int descriptor, uint64_t offset);
void gmem_unbind(struct gmm_slot *slot);
/* The page behind @gfn, made if it is missing.  -EFAULT: the file has gone; -EHWPOISON; -ENOMEM.  SRCU. */
int gmem_get_page(struct gmm_slot *slot, gfn_t gfn, mmu_pfn_t *pfn);

/* ------------------------------------------------------------------------------------------ fault.c, fault_fast.c */

enum gmm_outcome {
	GMM_CONTINUE = 0,
	GMM_RETRY = 1,
	GMM_EMULATE = 2,
	GMM_INVALID = 4, /* of the fast path: not for it */
	GMM_FIXED = 5,
	GMM_SPURIOUS = 6,
};

struct gmm_fault {
	struct mmu_vcpu *vcpu;
	gpa_t gpa;
	gfn_t gfn;
	uint32_t access; /* one of READ, WRITE, EXEC */
	bool private; /* as the guest says */
	bool present; /* the translation that faulted permits something */
	bool prefault;

	struct gmm_slot *slot;
	uint64_t generation; /* of the slots that @slot is of */
	uint64_t seq;
	mmu_pfn_t pfn;
	bool host_writable;
	unsigned int level_host, level_wanted, level;
	bool nx_split; /* executable, and therefore smaller than it could be */
};

/* An enum gmm_outcome, or -errno; -EFAULT and -EHWPOISON with vcpu->memory_fault.  vcpu.mutex. */
int gmm_fault(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed, bool prefault, unsigned int *level);
int gmm_fault_fast(struct gmm_fault *fault);
struct gmm_root *gmm_fault_root(const struct gmm_fault *fault); /* in which the gfn is looked for and mapped */
gfn_t gmm_gfn_end(const struct mmu_vm *vm); /* one past the last gfn */

/* ----------------------------------------------------------------------------------------------------- mmio.c */

/* GMM_EMULATE: the entry says that nothing is there, and that is still so; GMM_INVALID: it does not say so any more. */
int gmm_mmio_check(struct mmu_vcpu *vcpu, gpa_t gpa);
uint64_t gmm_mmio_note(gfn_t gfn, uint64_t generation);
gfn_t gmm_mmio_gfn(uint64_t note);
/* The generations that notes can hold have been used up, and begin anew. */
bool gmm_mmio_wraps(const struct mmu_vm *vm, uint64_t before, uint64_t generation);

/* ------------------------------------------------------------------------------------- dirty.c, dirty_log.c, ring.c */

/* A write that went by way of no vCPU: rings have no place for it. */
void gmm_mark_page_dirty(struct gmm_slot *slot, gfn_t gfn);
/* A write that went by way of the vCPU, or will. */
void gmm_mark_dirty(struct mmu_vcpu *vcpu, struct gmm_slot *slot, gfn_t gfn);
/* Do entries lose W, rather than D, to be asked about the next write? */
bool gmm_logs_by_write_protection(const struct mmu_vm *vm);
/* [start, end) of the slot's gfns is to be logged from now on; levels 4K up.  mmu_lock held for writing; flush. */
bool gmm_protect_for_log(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t start, gfn_t end);
void gmm_split_for_log(struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t start, gfn_t end);
void gmm_log_begins(struct mmu_vm *vm, const struct gmm_slot *slot);
void gmm_log_ends(struct mmu_vm *vm, const struct gmm_slot *slot);

int gmm_dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap);
int gmm_dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
		    const uint64_t *bitmap);
int gmm_ring_create(struct mmu_vcpu *vcpu);
bool gmm_ring_is_full(const struct mmu_vcpu *vcpu);
void gmm_ring_push(struct mmu_vcpu *vcpu, const struct gmm_slot *slot, uint64_t page);
int gmm_ring_harvest(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset, unsigned int room);
int gmm_ring_reset(struct mmu_vm *vm);

/* ------------------------------------------------------------------------------------------------- hugepage.c */

int gmm_frames_create(struct mmu_vm *vm, struct gmm_slot *slot); /* -ENOMEM */
/* The largest level that the slot allows at @gfn. */
unsigned int gmm_level_of_slot(const struct mmu_vm *vm, const struct gmm_slot *slot, gfn_t gfn);
bool gmm_is_mixed(const struct gmm_slot *slot, gfn_t frame, int level);
extern bool gmm_eager_split; /* policy of all VMs: a relaxed atomic */

#endif
