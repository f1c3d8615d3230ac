// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault.c - an access that the tables do not allow: find out what is behind the gfn, and map it.
 *
 * Everything that is found out before mmu_lock is taken may be wrong by then.  Slots cannot change, because an update
 * waits for SRCU; attributes, host memory and the files of private memory can, and whoever changes them moves the
 * sequence on (invalidate.c), which is looked at last, under the lock.
 * Source: spec.md 3.4; the numbers are its steps.
 */
#include <errno.h>

#include "gmm/gmm.h"
#include "plant.h"
#include "sync.h"

gfn_t gmm_gfn_end(const struct mmu_vm *vm)
{
	return (gfn_t)1 << (vm->config.maxphyaddr - MMU_PAGE_SHIFT);
}

struct gmm_root *gmm_fault_root(const struct gmm_fault *fault)
{
	const struct mmu_vcpu *vcpu = fault->vcpu;

	return fault->private && vcpu->mirror_root ? vcpu->mirror_root : vcpu->root;
}

static int memory_fault(const struct gmm_fault *fault, int error)
{
	fault->vcpu->memory_fault.valid = true;
	fault->vcpu->memory_fault.gpa = fault->gfn << MMU_PAGE_SHIFT;
	fault->vcpu->memory_fault.private = fault->private;
	return error;
}

/* ------------------------------------------------------------------------------------------- what is behind the gfn */

/* 10, private: from the slot's file, page by page. */
static int find_private(struct gmm_fault *fault)
{
	int error;

	if (!(fault->slot->flags & MMU_SLOT_GMEM))
		return memory_fault(fault, -EFAULT);
	error = gmem_get_page(fault->slot, fault->gfn, &fault->pfn);
	if (error == -EFAULT || error == -EHWPOISON)
		return memory_fault(fault, error);
	fault->host_writable = true;
	fault->level_host = MMU_LEVEL_4K;
	return error ? error : GMM_CONTINUE;
}

/* 10, shared: from the host's own tables. */
static int find_shared(struct gmm_fault *fault)
{
	const struct gmm_slot *slot = fault->slot;
	hva_t hva = slot->hva + ((fault->gfn - slot->base) << MMU_PAGE_SHIFT);
	bool readonly = slot->flags & MMU_SLOT_READONLY;
	struct host_mm_mapping mapping;
	int error;

	if (readonly && (fault->access & MMU_WRITE))
		return GMM_EMULATE;
	error = host_mm_fault(fault->vcpu->vm->vm_config.mm, hva, fault->access & MMU_WRITE, true, NULL, &mapping);
	if (error)
		return error;
	fault->pfn = mapping.pfn;
	fault->level_host = mapping.level;
	fault->host_writable = mapping.writable && !readonly;
	return GMM_CONTINUE;
}

/* 9 and 11: worth a look before the page is asked for, and before the lock, but no promise. */
static bool is_probably_stale(const struct gmm_fault *fault)
{
	const struct mmu_vm *vm = fault->vcpu->vm;

	if (sync_load(&vm->in_progress) && fault->gfn >= sync_load(&vm->invalid_start) &&
	    fault->gfn < sync_load(&vm->invalid_end))
		return true;
	return sync_load(&vm->seq) != fault->seq;
}

/* 6, 7, 9 and 10. */
static int find(struct gmm_fault *fault)
{
	uint64_t npages;
	int outcome;

	if (!fault->slot)
		return fault->private ? memory_fault(fault, -EFAULT) : GMM_CONTINUE;
	if ((fault->slot->flags & GMM_SLOT_INVALID) || is_probably_stale(fault))
		return GMM_RETRY;
	fault->pfn = MMU_NO_PFN;
	outcome = fault->private ? find_private(fault) : find_shared(fault);
	if (outcome != GMM_CONTINUE)
		return outcome;
	npages = mmu_level_npages((int)fault->level_host);
	return gmm_cache_reserve(fault->vcpu->vm, fault->pfn & ~(npages - 1), npages);
}

/* 13 */
static bool is_stale(const struct gmm_fault *fault)
{
	const struct mmu_vm *vm = fault->vcpu->vm;

	if (gmm_fault_root(fault)->invalid && !planted(M_5))
		return true;
	if (!fault->slot) /* only slots say what is there, and attributes which of them: changes of both wait for us */
		return false;
	if (planted(M_7))
		return false;
	return vm->seq != fault->seq || gmm_is_invalidated(vm, fault->gfn, fault->gfn + 1);
}

/* ---------------------------------------------------------------------------------------------------------- mapping */

static bool is_logged(const struct gmm_slot *slot)
{
	return slot->flags & MMU_SLOT_LOG_DIRTY;
}

static struct gmm_fault *fault_of(const struct pt_mapping *mapping);

/* The leaf says what the slot and the host allow; logging may still want to hear of the first write. */
static unsigned int attrs(const struct pt_mapping *mapping, unsigned int level)
{
	const struct gmm_fault *fault = fault_of(mapping);
	const struct mmu_vm *vm = fault->vcpu->vm;
	/* A mirror's leaf stays as it is; no hardware says in it that it has been used. */
	bool used = !fault->prefault || gmm_fault_root(fault)->mirror;
	unsigned int given = PT_READ | PT_EXEC | (used ? PT_ACCESSED : 0);
	bool asks_first = is_logged(fault->slot) && gmm_logs_by_write_protection(vm) && !(fault->access & MMU_WRITE);

	if (level > MMU_LEVEL_4K && vm->arch->nx_huge_pages && vm->arch->nx_huge_pages(vm))
		given &= ~PT_EXEC;
	if (!fault->host_writable)
		return given;
	given |= GMM_HOST_WRITABLE | GMM_MMU_WRITABLE;
	if (asks_first)
		return given;
	/* D stays clear where hardware logs what it sets it for. */
	return given | PT_WRITE | (is_logged(fault->slot) && !gmm_logs_by_write_protection(vm) ? 0 : PT_DIRTY);
}

static void at_entry(struct pt_mapping *mapping, const struct pt_iter *iter)
{
	struct gmm_fault *fault = fault_of(mapping);

	if (fault->vcpu->vm->arch->adjust_level)
		fault->vcpu->vm->arch->adjust_level(fault, mapping, iter);
}

static void linking(struct pt_mapping *mapping, struct pt_table *table)
{
	struct gmm_fault *fault = fault_of(mapping);

	if (fault->vcpu->vm->arch->before_link)
		fault->vcpu->vm->arch->before_link(fault, table);
}

static void linked(struct pt_mapping *mapping, struct pt_table *table)
{
	struct gmm_fault *fault = fault_of(mapping);

	if (fault->vcpu->vm->arch->after_link)
		fault->vcpu->vm->arch->after_link(fault, table);
}

static const struct pt_map_policy policy = {
	.at_entry = at_entry,
	.attrs = attrs,
	.linking = linking,
	.linked = linked,
};

struct fault_mapping {
	struct pt_mapping mapping;
	struct gmm_fault *fault;
};

static struct gmm_fault *fault_of(const struct pt_mapping *mapping)
{
	return ((const struct fault_mapping *)mapping)->fault;
}

/* Even where nothing larger is to be had now: once it is, reads would take away what fetches need. */
static bool is_nx_split(const struct gmm_fault *fault)
{
	const struct mmu_vm *vm = fault->vcpu->vm;

	return (fault->access & MMU_EXEC) && vm->arch->nx_huge_pages && vm->arch->nx_huge_pages(vm);
}

/* As large as slot, host and policy allow, and not across what is being invalidated beside the gfn. */
static void choose_level(struct gmm_fault *fault)
{
	const struct mmu_vm *vm = fault->vcpu->vm;
	unsigned int level = gmm_level_of_slot(vm, fault->slot, fault->gfn);

	if (level > fault->level_host)
		level = fault->level_host;
	if (is_logged(fault->slot))
		level = MMU_LEVEL_4K;
	for (; level > MMU_LEVEL_4K; level--) {
		gfn_t frame = fault->gfn & ~(mmu_level_npages(level) - 1);

		if (!gmm_is_invalidated(vm, frame, frame + mmu_level_npages(level)))
			break;
	}
	fault->level_wanted = fault->level = level;
	fault->nx_split = is_nx_split(fault);
	if (fault->nx_split)
		fault->level = MMU_LEVEL_4K;
}

static unsigned int needs(const struct gmm_fault *fault)
{
	unsigned int access = fault->access & MMU_WRITE ? PT_WRITE : fault->access & MMU_EXEC ? PT_EXEC : PT_READ;

	if (!fault->prefault && !fault->vcpu->vm->format.hardware_accessed)
		access |= PT_ACCESSED;
	return access;
}

/* 14, memory.  mmu_lock held for reading. */
static int map_page(struct gmm_fault *fault)
{
	struct mmu_vcpu *vcpu = fault->vcpu;
	struct fault_mapping this = { .fault = fault };
	enum pt_mapped mapped;

	choose_level(fault);
	this.mapping = (struct pt_mapping){
		.ipn = fault->gfn,
		.opn = fault->pfn,
		.level = fault->level,
		.needs = needs(fault),
		.policy = &policy,
		.cache = &vcpu->cache,
	};
	mapped = pt_map(&gmm_fault_root(fault)->tree, &this.mapping, PT_SHARED);
	fault->level = this.mapping.level;
	if (mapped == PT_TRY_AGAIN)
		return GMM_RETRY;
	if (mapped == PT_CONFLICT) {
		gmm_bug(vcpu->vm, __FILE__, __LINE__, "another page is mapped at the gfn of a fault that is not stale");
		return GMM_RETRY;
	}
	if (mapped == PT_THERE_ALREADY)
		return GMM_SPURIOUS;
	if ((attrs(&this.mapping, fault->level) & PT_WRITE) && gmm_logs_by_write_protection(vcpu->vm))
		gmm_mark_dirty(vcpu, fault->slot, fault->gfn);
	return GMM_FIXED;
}

/* 14, no memory: remembered if there is room in the format, and if what is remembered would be current. */
static int map_nothing(struct gmm_fault *fault)
{
	struct mmu_vcpu *vcpu = fault->vcpu;
	const struct pt_format *format = &vcpu->vm->format;
	struct fault_mapping this = { .fault = fault };
	enum pt_mapped mapped;

	if (!format->note || fault->gfn >= gmm_gfn_end(vcpu->vm) || (fault->generation & GMM_GENERATION_IN_PROGRESS))
		return GMM_EMULATE;
	fault->level_wanted = MMU_LEVEL_4K;
	fault->nx_split = is_nx_split(fault);
	this.mapping = (struct pt_mapping){
		.ipn = fault->gfn,
		.level = MMU_LEVEL_4K,
		.raw = format->note(format, gmm_mmio_note(fault->gfn, fault->generation)),
		.policy = &policy,
		.cache = &vcpu->cache,
	};
	mapped = pt_map(&vcpu->root->tree, &this.mapping, PT_SHARED);
	/* A slot has come into being since this fault looked, and another vCPU has mapped its memory already. */
	return mapped == PT_TRY_AGAIN || mapped == PT_CONFLICT ? GMM_RETRY : GMM_EMULATE;
}

static int map(struct gmm_fault *fault)
{
	struct mmu_vm *vm = fault->vcpu->vm;
	int outcome;

	gmm_mmu_lock(vm, PT_SHARED);
	if (is_stale(fault))
		outcome = GMM_RETRY;
	else
		outcome = fault->slot ? map_page(fault) : map_nothing(fault);
	gmm_mmu_unlock(vm, PT_SHARED);
	return outcome;
}

/* -------------------------------------------------------------------------------------------------------- the whole */

/* SRCU held. */
static int handle(struct gmm_fault *fault)
{
	struct mmu_vcpu *vcpu = fault->vcpu;
	struct mmu_vm *vm = vcpu->vm;
	int outcome;

	fault->slot = gmm_vcpu_slot(vcpu, fault->gfn, &fault->generation);
	if (fault->private == gmm_is_private(vm, fault->gfn)) {
		outcome = gmm_fault_fast(fault);
		if (outcome != GMM_INVALID)
			return outcome;
	}
	if (pt_cache_fill(&vcpu->cache, &vm->format, vm->format.levels))
		return -ENOMEM;
	fault->seq = sync_load_acquire(&vm->seq);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (fault->private != gmm_is_private(vm, fault->gfn) && !planted(M_26))
		return memory_fault(fault, -EFAULT);
	outcome = find(fault);
	if (outcome != GMM_CONTINUE)
		return outcome;
	if (planted(M_6))
		fault->seq = sync_load_acquire(&vm->seq);
	if (fault->slot && is_probably_stale(fault))
		return GMM_RETRY;
	return map(fault);
}

int gmm_fault(struct mmu_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed, bool prefault, unsigned int *level)
{
	struct gmm_fault fault = {
		.vcpu = vcpu,
		.gpa = gpa,
		.gfn = gpa >> MMU_PAGE_SHIFT,
		.access = access & (MMU_READ | MMU_WRITE | MMU_EXEC),
		.private = access & MMU_PRIVATE,
		.present = allowed & (MMU_READ | MMU_WRITE | MMU_EXEC),
		.prefault = prefault,
	};
	int index = host_srcu_read_lock(vcpu->vm->srcu);
	int outcome;

	vcpu->memory_fault.valid = false;
	outcome = handle(&fault);
	/* Emulated MMIO is shared. */
	if (outcome == GMM_EMULATE && fault.private)
		outcome = memory_fault(&fault, -EFAULT);
	host_srcu_read_unlock(vcpu->vm->srcu, index);
	if (level)
		*level = fault.level ? fault.level : MMU_LEVEL_4K;
	return outcome;
}
