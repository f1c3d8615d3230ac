/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * adapter.h - what the files of the adapter share: the VM and vCPU objects, and the ops that ops.c puts into the table.
 *
 * Ownership: struct mmu_vm owns its vCPUs, its open guest_memfd files and one reference to the kernel's mm.
 * Locking:   mmu_vm.lock protects the lists of a VM; mmu_vcpu.kick_lock protects runner; mmu_vcpu.ring_lock protects
 *            ring_next.  All are innermost: nothing is called under them but what core.h and shim/ declare.
 * Errors:    KVM's own errno, untouched.
 */
#ifndef MMU_CORE_KVM_ADAPTER_H
#define MMU_CORE_KVM_ADAPTER_H

#include "kvm_core.h"

struct adapter_gmem {
	struct adapter_gmem *next;
	int fd;
};

/* What the saboteur has to know to take things back: one slot, one table at a time. */
struct adapter_spoilt {
	struct kvm_memory_slot *slot;
	struct kvm_memory_slot *copy; /* stands in for slot in the active set */
	struct kvm_mmu_page *header; /* the one that a page's back pointer led to */
};

struct mmu_vm {
	struct kvm *kvm;
	int fd;
	struct host_mm *host_mm;
	struct mm_struct *mm;
	uint32_t dirty_ring_bytes;
	unsigned int nr_as;
	struct host_lock lock;
	struct mmu_vcpu *vcpus;
	struct adapter_gmem *gmems;
	struct adapter_spoilt spoilt;
};

struct mmu_vcpu {
	struct mmu_vcpu *next;
	struct mmu_vm *vm;
	struct kvm_vcpu *vcpu;
	int fd;
	struct kvm_run *run;
	bool mmio_read_pending;

	struct host_lock kick_lock;
	struct task_struct *runner; /* inside KVM_RUN; NULL: none */

	struct host_lock ring_lock;
	struct kvm_dirty_gfn **ring_pages;
	uint32_t ring_entries;
	uint32_t ring_next;
};

/* Waits of the adapter's own locks are short and end without any other lock: rank 0 exempts them from the order. */
extern const struct host_lock_class adapter_spin_class;
extern const struct host_lock_class adapter_mutex_class;

extern const struct mmu_core_config *adapter_config(void);
int adapter_kvm_fd(void);

/* Every op that may look at current->mm starts with this: the caller is any CPU, and the VM has one process. */
static inline void adapter_enter(const struct mmu_vm *vm)
{
	shim_task_set_mm(vm->mm);
}

static inline void adapter_lock(struct host_lock *lock, const struct host_lock_class *class)
{
	host_lock_acquire(lock, HOST_LOCK_EXCLUSIVE, lock, class);
}

static inline void adapter_unlock(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_EXCLUSIVE, lock);
}

/* vm.c */
int adapter_vm_create(const struct mmu_vm_config *config, struct mmu_vm **vm);
void adapter_vm_destroy(struct mmu_vm *vm);
unsigned int adapter_address_spaces(struct mmu_vm *vm);
int adapter_cap_enable(struct mmu_vm *vm, enum mmu_cap cap, uint64_t argument);

/* vcpu.c */
int adapter_vcpu_create(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			struct mmu_vcpu **vcpu);
void adapter_vcpu_free(struct mmu_vcpu *vcpu); /* closes its file; the kernel's vCPU goes with its VM */
int adapter_vcpu_smi(struct mmu_vcpu *vcpu);
int adapter_vcpu_fault(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed);
int adapter_vcpu_prefault(struct mmu_vcpu *vcpu, gpa_t gpa, uint64_t bytes);

/* cpuid.c */
int adapter_cpuid_set(int vcpu_fd);

/* run.c */
int adapter_vcpu_run(struct mmu_vcpu *vcpu, struct mmu_run *run);
/* Round an ioctl that a kick or a SIGBUS may end: the signal is for that ioctl alone. */
void adapter_run_begin(struct mmu_vcpu *vcpu);
void adapter_run_end(struct mmu_vcpu *vcpu, bool interrupted);
void adapter_vcpu_kick(struct mmu_vcpu *vcpu);

/* memory.c */
int adapter_slot_set(struct mmu_vm *vm, const struct mmu_slot_request *request);
int adapter_slot_set_v1(struct mmu_vm *vm, const struct mmu_slot_request *request);
int adapter_attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags);
int adapter_gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags);
int adapter_gmem_fallocate(struct mmu_vm *vm, int gmem, unsigned int mode, uint64_t offset, uint64_t bytes);
int adapter_gmem_error(struct mmu_vm *vm, int gmem, uint64_t offset);
void adapter_gmem_close(struct mmu_vm *vm, int gmem);
void adapter_gmem_close_all(struct mmu_vm *vm);
uint64_t adapter_gmem_id(struct mmu_vm *vm, int gmem);

/* dirty.c */
int adapter_dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap);
int adapter_dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
			const uint64_t *bitmap);
int adapter_ring_map(struct mmu_vcpu *vcpu);
int adapter_ring_harvest(struct mmu_vcpu *vcpu, uint32_t *as_and_id, uint64_t *page_offset, unsigned int room);
int adapter_ring_reset(struct mmu_vm *vm);

/* policy.c */
int adapter_policy_init(const struct mmu_core_config *config);
int adapter_nx_set(enum mmu_nx_mode mode);
int adapter_eager_split_set(bool on);
int adapter_nx_recover(struct mmu_vm *vm);
int adapter_pages_limit(struct mmu_vm *vm, uint64_t npages);
int adapter_shrink(unsigned long count);

/* uapi.c */
int adapter_uapi(struct mmu_vm *vm, struct mmu_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer,
		 const uint64_t words[MMU_UAPI_WORDS]);

/* tables.c */
void adapter_for_each_root(struct mmu_vm *vm, mmu_table_visitor visitor, void *context);
void adapter_for_each_table(struct mmu_vm *vm, mmu_pfn_t root, mmu_table_visitor visitor, void *context);
void adapter_for_each_entry(struct mmu_vm *vm, mmu_pfn_t root, mmu_entry_visitor visitor, void *context);

/* view.c */
void adapter_for_each_slot(struct mmu_vm *vm, bool active, mmu_slot_visitor visitor, void *context);
void adapter_vcpu_view(struct mmu_vcpu *vcpu, struct mmu_vcpu_view *view);
u64 adapter_slot_dirty_word(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t word);
bool adapter_frame_mixed(struct mmu_vm *vm, uint16_t as_id, gfn_t gfn, int level, bool *known);
uint64_t adapter_attributes(struct mmu_vm *vm, gfn_t gfn);
struct kvm_lpage_info *adapter_frame_info(const struct kvm_memory_slot *slot, gfn_t gfn, int level);

/* counters.c */
int64_t adapter_counter(struct mmu_vm *vm, enum mmu_counter counter);
int adapter_counter_spoil(struct mmu_vm *vm, enum mmu_counter counter, uint64_t value);

/* spoil.c */
int adapter_spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value);
void adapter_spoil_forget(struct mmu_vm *vm); /* after KVM's side is gone: frees what the saboteur had put in */

/* Where the invalid mark stands in the word differs between kernels; the views tell it apart from the role. */
static inline u32 adapter_role_word(union kvm_mmu_page_role role)
{
	role.invalid = 0;
	return role.word;
}

#endif
