// SPDX-License-Identifier: GPL-2.0-only
/*
 * uapi.c - ioctls whose arguments are raw words: taken apart as the kernel's structures are laid out, then refused or
 * done like any other call.
 *
 * Words that a structure has beyond those given are zero.  A pointer that leads nowhere is noticed where it is used:
 * the structure's before anything else, a bitmap's after all other checks, and after the bits of a log were taken.
 * Source: the kernel's ABI, linux/kvm.h (layouts and numbers); spec.md O-70, O-71.
 */
#include <errno.h>

#include "adapter/adapter.h"

#define LOW32(word) ((uint32_t)(word))
#define HIGH32(word) ((uint32_t)((word) >> 32))

/* As long as the log of the largest slot there is room for in the harness. */
#define BITMAP_BYTES (((size_t)1 << 20) / 8)

struct call {
	struct mmu_vm *vm;
	struct mmu_vcpu *vcpu;
	bool bad_pointer;
	const uint64_t *words;
};

static int set_slot(const struct call *call, bool v1)
{
	const struct mmu_slot_request request = {
		.as_id = LOW32(call->words[0]) >> 16,
		.id = call->words[0] & 0xffff,
		.flags = HIGH32(call->words[0]),
		.gpa = call->words[1],
		.bytes = call->words[2],
		.hva = call->words[3],
		.gmem = MMU_GMEM_NONE,
	};

	return gmm_slot_set_request(call->vm, &request, v1);
}

static int create_file(const struct call *call)
{
	int descriptor = gmem_create(call->vm, call->words[0], call->words[1]);

	if (descriptor < 0)
		return descriptor;
	gmem_close(call->vm, descriptor);
	return 0;
}

/* Into a bitmap of our own, or out of one that says nothing. */
static int use_log(const struct call *call, bool clears)
{
	uint64_t *bitmap = host_alloc(BITMAP_BYTES, 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);
	uint16_t as_id = LOW32(call->words[0]) >> 16, id = call->words[0] & 0xffff;
	int error;

	if (clears)
		error = gmm_dirty_clear(call->vm, as_id, id, call->words[1], HIGH32(call->words[0]), bitmap);
	else
		error = gmm_dirty_get(call->vm, as_id, id, bitmap);
	host_free(bitmap);
	if (error || (clears && !HIGH32(call->words[0]))) /* of no pages no bits are read */
		return error;
	return call->bad_pointer ? -EFAULT : 0;
}

static int enable_cap(const struct call *call)
{
	static const struct {
		uint32_t number;
		enum mmu_cap cap;
	} known[] = {
		{ 168, MMU_CAP_MANUAL_DIRTY_LOG_PROTECT },
		{ 192, MMU_CAP_DIRTY_LOG_RING },
		{ 213, MMU_CAP_DISABLE_QUIRKS },
		{ 220, MMU_CAP_DISABLE_NX_HUGE_PAGES },
		{ 225, MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP },
	};

	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]) && !HIGH32(call->words[0]); i++) {
		if (known[i].number == LOW32(call->words[0]))
			return reference_cap_enable(call->vm, known[i].cap, call->words[1]);
	}
	return -EINVAL;
}

/* A vCPU with nobody to run it would stay until the VM goes; what can be refused is refused. */
static int create_vcpu(const struct call *call)
{
	static const struct mmu_guest_ops nobody;
	struct mmu_vcpu *vcpu;

	return reference_vcpu_create(call->vm, call->words[0], &nobody, NULL, &vcpu);
}

static int do_call(const struct call *call, enum mmu_uapi which)
{
	const uint64_t *words = call->words;

	switch (which) {
	case MMU_UAPI_SET_USER_MEMORY_REGION:
		return set_slot(call, true);
	case MMU_UAPI_SET_USER_MEMORY_REGION2:
		return set_slot(call, false);
	case MMU_UAPI_GET_DIRTY_LOG:
		return use_log(call, false);
	case MMU_UAPI_CLEAR_DIRTY_LOG:
		return use_log(call, true);
	case MMU_UAPI_SET_MEMORY_ATTRIBUTES:
		return gmm_attributes_set(call->vm, words[0], words[1], words[2], words[3]);
	case MMU_UAPI_CREATE_GUEST_MEMFD:
		return create_file(call);
	case MMU_UAPI_PRE_FAULT_MEMORY:
		return words[2] ? -EINVAL : x86_vcpu_prefault(call->vcpu, words[0], words[1]);
	case MMU_UAPI_CREATE_VCPU:
		return create_vcpu(call);
	case MMU_UAPI_ENABLE_CAP:
		return enable_cap(call);
	case MMU_UAPI_SET_NR_MMU_PAGES:
		return reference_pages_limit(call->vm, words[0]);
	case MMU_UAPI_RESET_DIRTY_RINGS:
		return gmm_ring_reset(call->vm);
	case MMU_UAPI_SMI:
		return reference_vcpu_smi(call->vcpu);
	case MMU_UAPIS:
		break;
	}
	return -EOPNOTSUPP;
}

/* The structure itself cannot be read. */
static bool has_no_argument(const struct call *call, enum mmu_uapi which)
{
	bool by_number = which == MMU_UAPI_CREATE_VCPU || which == MMU_UAPI_SET_NR_MMU_PAGES ||
			 which == MMU_UAPI_RESET_DIRTY_RINGS || which == MMU_UAPI_SMI;
	bool points_on = which == MMU_UAPI_GET_DIRTY_LOG || which == MMU_UAPI_CLEAR_DIRTY_LOG;

	return call->bad_pointer && !by_number && !points_on;
}

int reference_uapi(struct mmu_vm *vm, struct mmu_vcpu *vcpu, enum mmu_uapi which, bool bad_pointer,
		   const uint64_t words[MMU_UAPI_WORDS])
{
	const struct call call = { .vm = vm, .vcpu = vcpu, .bad_pointer = bad_pointer, .words = words };

	if (reference_is_dead(vm))
		return -EIO;
	return has_no_argument(&call, which) ? -EFAULT : do_call(&call, which);
}
