// SPDX-License-Identifier: GPL-2.0-only
/*
 * comparable.c - which operations of a program two cores can be compared by.
 */
#include "harness/compare/compare.h"
#include "harness/oracle/refusals.h"

static uint64_t argument_of(const struct op *op, enum operand operand)
{
	const struct op_row *row = &op_rows[op->code];

	for (unsigned int i = 0; i < row->nr_arguments; i++) {
		if (row->argument[i].operand == operand)
			return op->argument[i];
	}
	return 0;
}

/* A VM without private memory has guest_memfd, and any VM has flags of it, since memory in it may be shared. */
static unsigned int features_of(const struct op *op, enum mmu_vm_type type)
{
	switch (op->code) {
	case OP_attributes_set:
		return MMU_FEATURE_ATTRIBUTES;
	case OP_gmem_create:
		return MMU_FEATURE_GMEM | (argument_of(op, OPERAND_FLAGS) ? MMU_FEATURE_GMEM_SHARED : 0);
	case OP_slot_set:
		if (!(argument_of(op, OPERAND_SLOT_FLAGS) & MMU_SLOT_GMEM))
			return 0;
		return MMU_FEATURE_GMEM | (type == MMU_VM_DEFAULT ? MMU_FEATURE_GMEM_SHARED : 0);
	case OP_prefault:
		return MMU_FEATURE_PREFAULT;
	case OP_uapi:
		return refusal_call_needs((enum mmu_uapi)argument_of(op, OPERAND_UAPI));
	default:
		return 0;
	}
}

/*
 * Cores allocate differently: what fails in one is another thing in the other.  And a bare fault for which KVM would
 * emulate leaves it in the middle of an instruction that there is not.
 */
static bool is_comparable(const struct op *op)
{
	return op->code != OP_fail_alloc && op->code != OP_fault;
}

size_t compare_leave_out(struct program *program, const struct mmu_core_ops *left, const struct mmu_core_ops *right)
{
	enum mmu_vm_type type = (enum mmu_vm_type)program->field[PROGRAM_VM_type];
	unsigned int only_one_has = left->features ^ right->features;
	size_t kept = 0, all = program->nr_ops;

	for (size_t i = 0; i < all; i++) {
		const struct op *op = &program->ops[i];

		if (is_comparable(op) && !(features_of(op, type) & only_one_has))
			program->ops[kept++] = *op;
	}
	program->nr_ops = kept;
	return all - kept;
}
