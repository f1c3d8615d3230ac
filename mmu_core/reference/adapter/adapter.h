/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * adapter.h - the reference core as the port sees it: what ops.c puts into the table.
 */
#ifndef MMU_REFERENCE_ADAPTER_H
#define MMU_REFERENCE_ADAPTER_H

#include "arch/x86/x86.h"

/* vm.c */
int reference_init(const struct mmu_core_config *config);
int reference_vm_create(const struct mmu_vm_config *config, struct mmu_vm **vm);
void reference_vm_destroy(struct mmu_vm *vm);
unsigned int reference_address_spaces(struct mmu_vm *vm);
int reference_vcpu_create(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			  struct mmu_vcpu **vcpu);
int reference_vcpu_smi(struct mmu_vcpu *vcpu); /* ops.c */
/* A VM whose state is lost refuses everything. */
static inline bool reference_is_dead(const struct mmu_vm *vm)
{
	return __atomic_load_n(&vm->dead, __ATOMIC_RELAXED);
}

/* policy.c */
int reference_cap_enable(struct mmu_vm *vm, enum mmu_cap cap, uint64_t argument);
int reference_nx_set(enum mmu_nx_mode mode);
int reference_eager_split_set(bool on);
int reference_nx_recover(struct mmu_vm *vm);
int reference_pages_limit(struct mmu_vm *vm, uint64_t npages);
int reference_shrink(unsigned long count);
void reference_vms_add(struct mmu_vm *vm);
void reference_vms_remove(struct mmu_vm *vm);

/* view.c */
void reference_for_each_root(struct mmu_vm *vm, mmu_table_visitor visitor, void *context);
void reference_for_each_table(struct mmu_vm *vm, mmu_pfn_t root, mmu_table_visitor visitor, void *context);
void reference_for_each_entry(struct mmu_vm *vm, mmu_pfn_t root, mmu_entry_visitor visitor, void *context);
void reference_for_each_slot(struct mmu_vm *vm, bool active, mmu_slot_visitor visitor, void *context);
int64_t reference_counter(struct mmu_vm *vm, enum mmu_counter counter);
void reference_vcpu_view(struct mmu_vcpu *vcpu, struct mmu_vcpu_view *view);
uint64_t reference_slot_dirty_word(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t word);
bool reference_frame_mixed(struct mmu_vm *vm, uint16_t as_id, gfn_t gfn, int level, bool *known);

/* plant.c */
extern const struct mmu_plant reference_plants[];
int reference_set_plant(const char *id);

/* spoil.c */
int reference_spoil(struct mmu_vm *vm, enum mmu_spoil what, uint64_t where, uint64_t value);

/* uapi.c */
int reference_uapi(struct mmu_vm *vm, struct mmu_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer,
		   const uint64_t words[MMU_UAPI_WORDS]);

#endif
