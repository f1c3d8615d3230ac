// SPDX-License-Identifier: GPL-2.0-only
/*
 * uapi.c - ioctls with raw words: what they mean is looked up here, so that the model follows what comes of them.
 *
 * A call that says no more than one of the port's own operations goes the way of that one.  What is left is refused by
 * every core: a pointer that leads nowhere, flags that are not defined.
 * Source:  include/uapi/linux/kvm.h, whose structures and numbers are ABI.
 */
#include <errno.h>

#include "harness/oracle/refusals.h"
#include "harness/world/world_parts.h"

#define LOW32(word) ((uint32_t)(word))
#define HIGH32(word) ((uint32_t)((word) >> 32))

/* KVM_CAP_*. */
enum cap_number {
	CAP_MANUAL_DIRTY_LOG_PROTECT2 = 168,
	CAP_DIRTY_LOG_RING = 192,
	CAP_DISABLE_QUIRKS2 = 213,
	CAP_VM_DISABLE_NX_HUGE_PAGES = 220,
	CAP_DIRTY_LOG_RING_WITH_BITMAP = 225,
	CAP_NUMBERS_END = 1024, /* none as large as this */
};

static bool cap_of_number(uint32_t number, enum mmu_cap *cap)
{
	switch (number) {
	case CAP_MANUAL_DIRTY_LOG_PROTECT2:
		*cap = MMU_CAP_MANUAL_DIRTY_LOG_PROTECT;
		return true;
	case CAP_DIRTY_LOG_RING:
		*cap = MMU_CAP_DIRTY_LOG_RING;
		return true;
	case CAP_DIRTY_LOG_RING_WITH_BITMAP:
		*cap = MMU_CAP_DIRTY_LOG_RING_WITH_BITMAP;
		return true;
	case CAP_VM_DISABLE_NX_HUGE_PAGES:
		*cap = MMU_CAP_DISABLE_NX_HUGE_PAGES;
		return true;
	case CAP_DISABLE_QUIRKS2:
		*cap = MMU_CAP_DISABLE_QUIRKS;
		return true;
	default:
		return false;
	}
}

static int call_core(struct world_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer, const uint64_t *words)
{
	struct world *world = vcpu->world;
	struct refusal refusal = {
		.op = call == MMU_UAPI_RESET_DIRTY_RINGS ? OP_ring_collect : OP_uapi,
		.world = world,
		.exact = true,
		.vcpu = vcpu,
		.call = call,
		.bad_pointer = bad_pointer,
	};
	int error;

	refusal_begin(&refusal);
	model_op_begin(&world->model);
	error = world->core->uapi(world->vm, vcpu->core, call, bad_pointer, words);
	model_op_return(&world->model);
	refusal_end(&refusal, error);
	return error;
}

/* Other capabilities than the MMU's would make another machine of the VM. */
static int enable_cap(struct world_vcpu *vcpu, const uint64_t *words)
{
	enum mmu_cap cap;

	if (cap_of_number(LOW32(words[0]), &cap) && !HIGH32(words[0]))
		return world_cap_enable(vcpu->world, cap, words[1]);
	if (LOW32(words[0]) < CAP_NUMBERS_END && !HIGH32(words[0]))
		return -E2BIG;
	return call_core(vcpu, MMU_UAPI_ENABLE_CAP, false, words);
}

/* A slot is named by one number of 32 bits. */
static unsigned int as_id_of(const uint64_t *words)
{
	return LOW32(words[0]) >> 16;
}

static unsigned int slot_id_of(const uint64_t *words)
{
	return words[0] & 0xffff;
}

static struct mmu_slot_request slot_request(const uint64_t *words)
{
	return (struct mmu_slot_request){
		.as_id = (uint16_t)as_id_of(words),
		.id = (uint16_t)slot_id_of(words),
		.flags = HIGH32(words[0]),
		.gpa = words[1],
		.bytes = words[2],
		.hva = words[3],
		.gmem = MMU_GMEM_NONE,
	};
}

static int set_slot(struct world *world, enum mmu_uapi call, const uint64_t *words)
{
	struct mmu_slot_request request = slot_request(words);

	return call == MMU_UAPI_SET_USER_MEMORY_REGION ? world_slot_set_v1(world, &request)
						       : world_slot_set(world, &request);
}

static int clear_log(struct world *world, const uint64_t *words)
{
	uint64_t *nothing = host_memory_alloc(MODEL_LOGGED_PAGES_MAX / 8);
	int error = world_dirty_clear(world, as_id_of(words), slot_id_of(words), words[1], HIGH32(words[0]), nothing);

	host_memory_free(nothing);
	return error;
}

static int create_file(struct world *world, const uint64_t *words)
{
	int descriptor = world_gmem_create_raw(world, words[0], words[1]);

	if (descriptor < 0)
		return descriptor;
	world_gmem_close(world, descriptor);
	return 0;
}

static int reset_rings(struct world_vcpu *vcpu, const uint64_t *words)
{
	struct world *world = vcpu->world;
	int result;

	world_lock(&world->ring_lock);
	result = call_core(vcpu, MMU_UAPI_RESET_DIRTY_RINGS, false, words);
	world_unlock(&world->ring_lock);
	return result;
}

static int with_good_pointers(struct world_vcpu *vcpu, enum mmu_uapi call, const uint64_t *words)
{
	struct world *world = vcpu->world;

	switch (call) {
	case MMU_UAPI_SET_USER_MEMORY_REGION:
	case MMU_UAPI_SET_USER_MEMORY_REGION2:
		return set_slot(world, call, words);
	case MMU_UAPI_GET_DIRTY_LOG:
		return world_dirty_get(world, as_id_of(words), slot_id_of(words), NULL);
	case MMU_UAPI_CLEAR_DIRTY_LOG:
		return clear_log(world, words);
	case MMU_UAPI_SET_MEMORY_ATTRIBUTES:
		return world_attributes_set_raw(world, words[0], words[1], words[2], words[3]);
	case MMU_UAPI_CREATE_GUEST_MEMFD:
		return create_file(world, words);
	case MMU_UAPI_PRE_FAULT_MEMORY:
		return words[2] ? call_core(vcpu, call, false, words) : world_prefault(vcpu, words[0], words[1]);
	case MMU_UAPI_CREATE_VCPU:
		return world_vcpu_add(world, words[0]);
	case MMU_UAPI_ENABLE_CAP:
		return enable_cap(vcpu, words);
	case MMU_UAPI_SET_NR_MMU_PAGES:
		return world_pages_limit(world, words[0]);
	case MMU_UAPI_RESET_DIRTY_RINGS:
		return reset_rings(vcpu, words);
	case MMU_UAPI_SMI:
		return world->address_spaces < 2 ? -E2BIG : world_smi(vcpu);
	case MMU_UAPIS:
		break;
	}
	HOST_ASSERT(!"an ioctl of which the world knows nothing");
	return -E2BIG;
}

static bool takes_pointer(enum mmu_uapi call)
{
	return call != MMU_UAPI_CREATE_VCPU && call != MMU_UAPI_SET_NR_MMU_PAGES &&
	       call != MMU_UAPI_RESET_DIRTY_RINGS && call != MMU_UAPI_SMI;
}

int world_uapi(struct world_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer, const uint64_t words[MMU_UAPI_WORDS])
{
	if (!bad_pointer || !takes_pointer(call))
		return with_good_pointers(vcpu, call, words);
	if (call == MMU_UAPI_GET_DIRTY_LOG)
		return dirty_get_nowhere(vcpu, as_id_of(words), slot_id_of(words), words);
	if (call == MMU_UAPI_CLEAR_DIRTY_LOG)
		return dirty_clear_nowhere(vcpu, as_id_of(words), slot_id_of(words), words);
	return call_core(vcpu, call, true, words);
}
