/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - what every MMU core offers: operations, and read-only views for the checkers.
 *
 * Ownership: the core owns what it returns (VMs, vCPUs); the caller destroys VMs, which destroys their vCPUs.
 *            Structures passed in are read during the call only, except mmu_guest_ops and mmu_vm_config.mm, which
 *            must outlive the VM.
 * Locking:   operations take the core's own locks and may sleep; any CPU (host.h) may call any of them at any time,
 *            but one vCPU runs on one CPU at a time.  Views are for QUIESCENT use (no operation in flight, no vCPU in
 *            guest) unless they say otherwise.
 * Errors:    0 or a negative errno, exactly as the core's own interface gave it; on error nothing has changed (I-L7).
 */
#ifndef MMU_CORE_CORE_H
#define MMU_CORE_CORE_H

#include "mmu_core/host.h"

struct mmu_vm;
struct mmu_vcpu;

/* ---------------------------------------------------------------------------------------------------- configuration */

/* Fixed for the life of the process: KVM keeps these in module state. */
struct mmu_core_config {
	enum mmu_paging paging;
	bool accessed_dirty; /* EPT only: NPT always has A/D bits */
	uint8_t root_level; /* 4 or 5 */
	uint8_t maxphyaddr; /* bits, 36..52 */
	uint8_t level_max; /* largest leaf: 1, 2 or 3 */
	bool tdp; /* two-dimensional paging; false: shadow paging */
	bool pml; /* page-modification logging; needs accessed_dirty */
	bool nx_huge_pages; /* initial state of the mitigation */
	bool eager_split;
};

enum mmu_vm_type {
	MMU_VM_DEFAULT,
	MMU_VM_SW_PROTECTED,
};

/* What an older kernel may not have.  An operation that needs one that is missing gives -EOPNOTSUPP. */
enum mmu_feature {
	MMU_FEATURE_ATTRIBUTES = 1 << 0,
	MMU_FEATURE_GMEM = 1 << 1, /* guest_memfd, and with it the second version of slot_set */
	MMU_FEATURE_PREFAULT = 1 << 2,
	/* guest_memfd for what is shared with the host, too: its flags, and slots on it in VMs of any type. */
	MMU_FEATURE_GMEM_SHARED = 1 << 3,
};

struct mmu_vm_config {
	enum mmu_vm_type type;
	struct host_mm *mm; /* the process whose memory backs the slots */
	uint32_t dirty_ring_bytes; /* a vCPU; 0: bitmap */
	bool manual_dirty_protect;
	bool dirty_initially_set;
	bool quirk_slot_zap_all; /* DEFAULT type only: zap everything when a slot goes away */
};

/* ------------------------------------------------------------------------------------------------ the CPU's side */

/* What the core programs into the CPU when it enters a guest. */
struct mmu_guest_context {
	mmu_hpa_t root;
	uint8_t root_level; /* 3: PAE, as shadow paging builds it; the root's entries carry no permissions */
	enum mmu_paging paging; /* shadow tables are NPT-shaped */
	bool accessed_dirty; /* hardware sets A and D */
	bool pml;
	bool in_smm;
	bool emulated; /* the access that exited last has been completed by emulation: do not repeat it */
	uint64_t emulated_value; /* what an emulated read returned */
};

enum mmu_exit {
	MMU_EXIT_DONE, /* the guest has nothing more to do: back to the caller of vcpu_run */
	MMU_EXIT_INTERRUPT, /* host_irq_pending() */
	MMU_EXIT_FAULT, /* EPT violation or nested page fault */
	MMU_EXIT_MISCONFIG, /* reserved bits: KVM's MMIO entries */
	MMU_EXIT_PML_FULL,
	MMU_EXIT_RSM, /* the guest executed RSM */
	MMU_EXIT_KINDS,
};

struct mmu_guest_exit {
	enum mmu_exit reason;
	gpa_t gpa;
	uint32_t access; /* mmu_access_bits; one of READ, WRITE, EXEC, and PRIVATE */
	uint32_t allowed; /* permissions of the translation that faulted: READ | WRITE | EXEC, 0 = not present */
	uint64_t value; /* of a write, for emulation */
};

enum mmu_flush {
	MMU_FLUSH_ALL, /* every translation of this vCPU */
	MMU_FLUSH_CURRENT, /* those tagged with @root */
	MMU_FLUSH_GUEST, /* guest-virtual ones: with TDP and no guest paging, same as CURRENT */
	MMU_FLUSH_KINDS,
};

/*
 * The simulated CPU, provided by the harness, called by the core on the vCPU's CPU with interrupts off.  enter() runs
 * guest accesses against its TLB and the live tables until something needs the core; it has to look at
 * host_irq_pending() before every access.
 */
struct mmu_guest_ops {
	void (*enter)(void *guest, const struct mmu_guest_context *context, struct mmu_guest_exit *exit);
	/*
	 * @root: for CURRENT and GUEST.  It may be one that enter() has not seen yet: KVM flushes a root as it loads
	 * it.
	 */
	void (*flush)(void *guest, enum mmu_flush kind, mmu_hpa_t root);
	/* Hands out and empties the page-modification log; returns the number of gpas. */
	unsigned int (*pml_drain)(void *guest, gpa_t *gpas, unsigned int room);
};

enum mmu_run_reason {
	MMU_RUN_DONE,
	MMU_RUN_MMIO,
	MMU_RUN_MEMORY_FAULT,
	MMU_RUN_DIRTY_RING_FULL,
	MMU_RUN_INTERRUPTED, /* signal or kick: -EINTR */
	MMU_RUN_SHUTDOWN,
	MMU_RUN_INTERNAL_ERROR,
	MMU_RUN_OTHER,
};

/* Why one vcpu_run() came back.  For MMIO reads the caller fills @value before the next vcpu_run(). */
struct mmu_run {
	enum mmu_run_reason reason;
	gpa_t gpa;
	uint64_t bytes;
	uint32_t access; /* MMIO: READ or WRITE; MEMORY_FAULT: PRIVATE or not */
	uint64_t value;
	uint32_t detail; /* the core's own exit number and sub-code, for reports */
};

/* -------------------------------------------------------------------------------------------------- memory requests */

enum mmu_slot_flags {
	MMU_SLOT_LOG_DIRTY = 1 << 0,
	MMU_SLOT_READONLY = 1 << 1,
	MMU_SLOT_GMEM = 1 << 2,
};

/* In place of a guest_memfd's descriptor: none at all, and a file that is open but no guest_memfd. */
#define MMU_GMEM_NONE (-1)
#define MMU_GMEM_OTHER_FILE (-2)

/* KVM_SET_USER_MEMORY_REGION2, raw: nothing is checked before the core sees it. */
struct mmu_slot_request {
	uint16_t as_id;
	uint16_t id;
	uint32_t flags;
	gpa_t gpa;
	uint64_t bytes;
	hva_t hva;
	int gmem; /* from gmem_create, with MMU_SLOT_GMEM */
	uint64_t gmem_offset; /* bytes */
};

#define MMU_ATTRIBUTE_PRIVATE ((uint64_t)1 << 3)

/* Modes of gmem_fallocate(), as in linux/falloc.h; other bits reach the core as they are. */
#define MMU_FALLOCATE_KEEP_SIZE 1u
#define MMU_FALLOCATE_PUNCH_HOLE 2u

/*
 * Flags of gmem_create() where there is MMU_FEATURE_GMEM_SHARED.  MMAP: userspace may map the file, and all memory of
 * its slots is the file's, not only what is private.  INIT_SHARED, in VMs without private memory: what userspace maps
 * is there.
 */
#define MMU_GMEM_MMAP ((uint64_t)1 << 0)
#define MMU_GMEM_INIT_SHARED ((uint64_t)1 << 1)

/* What cap_enable() may switch on. */
enum mmu_cap {
	MMU_CAP_MANUAL_DIRTY_LOG_PROTECT, /* argument: bit 0 manual, bit 1 all pages dirty at first */
	MMU_CAP_DIRTY_LOG_RING, /* bytes of a vCPU's ring */
	MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP,
	MMU_CAP_DISABLE_NX_HUGE_PAGES,
	MMU_CAP_DISABLE_QUIRKS, /* bits of the quirks */
	MMU_CAPS,
};
#define MMU_DIRTY_MANUAL ((uint64_t)1 << 0)
#define MMU_DIRTY_INITIALLY_SET ((uint64_t)1 << 1)
#define MMU_QUIRK_SLOT_ZAP_ALL ((uint64_t)1 << 7)

/* ioctls that uapi() issues with raw words; in the order of operands.def. */
enum mmu_uapi {
	MMU_UAPI_SET_USER_MEMORY_REGION,
	MMU_UAPI_SET_USER_MEMORY_REGION2,
	MMU_UAPI_GET_DIRTY_LOG,
	MMU_UAPI_CLEAR_DIRTY_LOG,
	MMU_UAPI_SET_MEMORY_ATTRIBUTES,
	MMU_UAPI_CREATE_GUEST_MEMFD,
	MMU_UAPI_PRE_FAULT_MEMORY,
	MMU_UAPI_CREATE_VCPU,
	MMU_UAPI_ENABLE_CAP,
	MMU_UAPI_SET_NR_MMU_PAGES,
	MMU_UAPI_RESET_DIRTY_RINGS,
	MMU_UAPI_SMI,
	MMU_UAPIS,
};
#define MMU_UAPI_WORDS 4

enum mmu_nx_mode {
	MMU_NX_OFF,
	MMU_NX_FORCE,
	MMU_NX_AUTO,
};

/* ------------------------------------------------------------------------------------------------------------ views */

enum mmu_entry_kind {
	MMU_ENTRY_NONE,
	MMU_ENTRY_TABLE,
	MMU_ENTRY_LEAF,
	MMU_ENTRY_MMIO,
	MMU_ENTRY_FROZEN,
	MMU_ENTRY_ODD, /* none of the above: I-S7 */
};

/* One entry of one table, in the core's own reading of its bits, with the raw word beside it. */
struct mmu_entry {
	enum mmu_entry_kind kind;
	int level;
	gfn_t gfn; /* first gfn that it translates */
	mmu_hpa_t address; /* where the entry itself lives */
	uint64_t raw;
	mmu_pfn_t pfn; /* LEAF: first page; TABLE: the child table */
	bool read, write, exec, accessed, dirty;
	bool host_writable, mmu_writable;
	uint64_t ad_mask; /* bits of @raw that say how A and D are used: 0 when hardware sets both */
	uint64_t ad_disabled; /* their value when it sets neither */
	uint64_t saved_mask; /* where @raw keeps R and X of an access-tracked leaf; 0: no access tracking */
	gfn_t mmio_gfn; /* MMIO: what the entry says it stands for */
	const struct mmu_table *table; /* the table that holds it */
};

/* One table page and what its header says. */
struct mmu_table {
	mmu_pfn_t pfn;
	int level;
	gfn_t gfn;
	uint32_t role; /* the core's role word, without its invalid mark */
	uint8_t as_id;
	bool is_root, invalid, scheduled_zap;
	int root_count; /* roots only */
	mmu_hpa_t parent_entry; /* where the header says its parent entry is; MMU_NO_HPA: unknown or root */
	bool nx_disallowed, on_nx_list;
	mmu_pfn_t header_pfn; /* the table page that the header found from the page's own back pointer names: I-H3 */
};

struct mmu_slot {
	uint16_t as_id, id;
	uint32_t flags;
	bool invalid;
	gfn_t base;
	uint64_t npages;
	hva_t hva;
	uint64_t gmem_page_offset;
	bool gmem_bound; /* the file is still there */
	bool has_dirty_bitmap;
};

enum mmu_counter {
	MMU_COUNTER_TDP_PAGES, /* linked, without roots */
	MMU_COUNTER_SHADOW_PAGES_USED,
	MMU_COUNTER_LEAFS_4K,
	MMU_COUNTER_LEAFS_2M,
	MMU_COUNTER_LEAFS_1G,
	MMU_COUNTER_NX_SPLITS,
	MMU_COUNTER_NX_LIST, /* its real length */
	MMU_COUNTER_INVALIDATE_SEQ,
	MMU_COUNTER_INVALIDATE_IN_PROGRESS,
	MMU_COUNTER_NOTIFIERS_ACTIVE,
	MMU_COUNTER_SLOT_PAGES,
	MMU_COUNTER_SLOTS_DIRTY_LOGGED,
	MMU_COUNTER_GENERATION_0, /* of address space 0; as 1 follows */
	MMU_COUNTER_GENERATION_1,
	MMU_COUNTER_REMOTE_FLUSHES, /* asked for, whether or not a vCPU was in the guest */
	MMU_COUNTER_BUGGED,
	MMU_COUNTER_NX_MITIGATION, /* 1: the NX huge-page mitigation is on for this VM */
	MMU_COUNTER_DEAD, /* 1: the VM refuses everything from now on; any time */
	MMU_COUNTERS,
};

/* What counter() says of one that the core does not keep. */
#define MMU_COUNTER_ABSENT (-0x7fffffffffffffffL - 1)

struct mmu_vcpu_view {
	mmu_hpa_t root; /* MMU_NO_HPA: none loaded */
	uint32_t root_role; /* of the table at @root, level and all */
	uint32_t mmu_role; /* what the MMU context wants */
	bool root_invalid;
	bool in_smm;
	uint8_t as_id; /* that lookups use */
	int previous_roots;
};

/* Return false to stop the walk. */
typedef bool (*mmu_table_visitor)(void *context, const struct mmu_table *table);
typedef bool (*mmu_entry_visitor)(void *context, const struct mmu_entry *entry);
typedef bool (*mmu_slot_visitor)(void *context, const struct mmu_slot *slot);

/*
 * Things that a saboteur may spoil to prove that a check can fail (harness/invariants).  Each makes the core's state
 * wrong in one way; @value is added to a counter, stored over an entry's raw word, and so on.  Never used otherwise.
 */
enum mmu_spoil {
	MMU_SPOIL_COUNTER, /* @where: enum mmu_counter */
	MMU_SPOIL_ENTRY, /* @where: address of the entry (hpa) */
	MMU_SPOIL_TABLE_GFN, /* @where: pfn of the table */
	MMU_SPOIL_TABLE_PARENT,
	MMU_SPOIL_TABLE_ROLE,
	MMU_SPOIL_TABLE_HEADER, /* the page's back pointer leads to the header of the table at pfn @value */
	MMU_SPOIL_ROOT_INVALID, /* marks the root invalid without anything else */
	MMU_SPOIL_ROOT_COUNT, /* @where: pfn of the root */
	MMU_SPOIL_SLOT_FLAG_INVALID, /* @where: as_id << 16 | id */
	MMU_SPOIL_SLOT_FLAGS, /* xors @value (mmu_slot_flags) into the flags, in both sets */
	MMU_SPOIL_SLOT_NPAGES, /* of the active set only */
	MMU_SPOIL_GENERATION, /* @where: as_id */
	MMU_SPOIL_MIXED, /* @where: gfn, toggles the mixed mark of its 2 MiB frame in as 0 */
	MMU_SPOIL_DIRTY_BIT, /* @where: gfn in as 0: clears its dirty bit */
	MMU_SPOIL_LEAK, /* forgets one object, so that destroying the VM leaves it behind */
	MMU_SPOIL_VCPU_ROLE, /* @where: vCPU index; xors @value into the role that the MMU context wants */
	MMU_SPOIL_FLUSH_OFF, /* @value 1: flush requests no longer reach the CPU; 0: they do again */
	MMU_SPOIL_KINDS,
};

/* -------------------------------------------------------------------------------------------------------------- ops */

struct mmu_plant {
	const char *id;
	const char *what; /* goes wrong */
};

struct mmu_core_ops {
	const char *name;
	const char *summary;
	unsigned int features; /* enum mmu_feature */

	/*
	 * Bugs that the core can be told to have, to show that they are found, up to one without an id; NULL: none.
	 * plant() comes before init(); one at a time.  -ENOENT.
	 */
	const struct mmu_plant *plants;
	int (*plant)(const char *id);

	/*
	 * Once a process, on CPU 0 after host_init().  -EINVAL with a line on stderr when the configuration is unfit.
	 */
	int (*init)(const struct mmu_core_config *config);
	const char *(*version)(void); /* "Linux 6.12.107" */

	/* VM and vCPUs.  vm_destroy returns when everything is gone, RCU callbacks included. */
	int (*vm_create)(const struct mmu_vm_config *config, struct mmu_vm **vm);
	void (*vm_destroy)(struct mmu_vm *vm);
	int (*vcpu_create)(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			   struct mmu_vcpu **vcpu);
	unsigned int (*address_spaces)(struct mmu_vm *vm);
	int (*cap_enable)(struct mmu_vm *vm, enum mmu_cap cap, uint64_t argument);

	/* Runs the guest until MMU_EXIT_DONE or something for userspace.  0 or -errno (-EFAULT with MEMORY_FAULT). */
	int (*vcpu_run)(struct mmu_vcpu *vcpu, struct mmu_run *run);
	void (*vcpu_kick)(struct mmu_vcpu *vcpu); /* any CPU: the next possible exit comes back with INTERRUPTED */
	int (*vcpu_smi)(struct mmu_vcpu *vcpu);
	/*
	 * The bare fault handler, no CPU around it: loads the MMU if need be and handles one fault.  Returns the core's
	 * RET_PF_* or errno as is.  For measurements and single-threaded tests.
	 */
	int (*vcpu_fault)(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed);
	int (*vcpu_prefault)(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes);

	/* Slots, attributes, guest_memfd: raw, errors are the core's own. */
	int (*slot_set)(struct mmu_vm *vm, const struct mmu_slot_request *request);
	int (*slot_set_v1)(struct mmu_vm *vm, const struct mmu_slot_request *request); /* the older call */
	int (*attributes_set)(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags);
	int (*gmem_create)(struct mmu_vm *vm, uint64_t bytes, uint64_t flags); /* descriptor >= 0 or -errno */
	int (*gmem_fallocate)(struct mmu_vm *vm, int gmem, unsigned int mode, uint64_t offset, uint64_t bytes);
	int (*gmem_error)(struct mmu_vm *vm, int gmem, uint64_t offset); /* memory failure; -ENOENT: no page there */
	void (*gmem_close)(struct mmu_vm *vm, int gmem);
	uint64_t (*gmem_id)(struct mmu_vm *vm, int gmem); /* host_page.owner of its pages */

	/* Dirty logging.  @bitmap: one bit a page of the slot, in 64-bit words. */
	int (*dirty_get)(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap);
	int (*dirty_clear)(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
			   const uint64_t *bitmap);
	/*
	 * Takes up to @room entries off the vCPU's ring; then ring_reset re-protects all that were taken.  Count or
	 * -errno.
	 */
	int (*ring_harvest)(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset, unsigned int room);
	int (*ring_reset)(struct mmu_vm *vm);

	/* Policy and background work. */
	int (*nx_set)(enum mmu_nx_mode mode);
	int (*eager_split_set)(bool on);
	int (*nx_recover)(struct mmu_vm *vm); /* one recovery pass, over on return; -EOPNOTSUPP */
	int (*pages_limit)(struct mmu_vm *vm, uint64_t npages);
	int (*shrink)(unsigned long count); /* objects freed; -EOPNOTSUPP where the core has no shrinker */

	/*
	 * One ioctl whose argument is made of raw words: the structure's first bytes, or the number itself.  Pointers
	 * inside of structures are the core's own and good, unless @bad_pointer: then the innermost pointer there is
	 * (that to the structure, or that inside it) leads nowhere.  @vcpu: for ioctls of a vCPU.  A file that it makes
	 * is closed.
	 */
	int (*uapi)(struct mmu_vm *vm, struct mmu_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer,
		    const uint64_t words[MMU_UAPI_WORDS]);

	/*
	 * Views.  for_each_table visits roots first, each followed by its subtree in pre-order; all stop early on
	 * false.
	 */
	void (*for_each_root)(struct mmu_vm *vm, mmu_table_visitor visitor, void *context);
	void (*for_each_table)(struct mmu_vm *vm, mmu_pfn_t root, mmu_table_visitor visitor, void *context);
	void (*for_each_entry)(struct mmu_vm *vm, mmu_pfn_t root, mmu_entry_visitor visitor, void *context);
	void (*for_each_slot)(struct mmu_vm *vm, bool active, mmu_slot_visitor visitor, void *context);
	int64_t (*counter)(struct mmu_vm *vm, enum mmu_counter counter);
	void (*vcpu_view)(struct mmu_vcpu *vcpu, struct mmu_vcpu_view *view);
	/* The log's bits of pages word * 64 and on; 0 without a slot or a bitmap, and behind the slot's end. */
	uint64_t (*slot_dirty_word)(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t word);
	bool (*frame_mixed)(struct mmu_vm *vm, uint16_t as_id, gfn_t gfn, int level, bool *known);
	uint64_t (*attributes)(struct mmu_vm *vm, gfn_t gfn);
	int (*spoil)(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value); /* -EOPNOTSUPP, -ENOENT */
};

/* The cores that are built in; NULL-ended. */
extern const struct mmu_core_ops *const mmu_cores[];

#endif
