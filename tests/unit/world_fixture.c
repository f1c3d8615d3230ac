// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_fixture.c - see world_fixture.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world_fixture.h"

struct fake_core fake;

static uint64_t findings_before, findings_of_before[INVARIANTS];

void expect_findings(const char *file, int line, enum invariant_id id, uint64_t count)
{
	uint64_t all = finding_count() - findings_before;
	uint64_t of_it = finding_count_of(id) - findings_of_before[id];

	if (all != count || of_it != count) {
		fprintf(stderr, "%s:%d: %lu findings, %lu of them %s; expected %lu\n", file, line, (unsigned long)all,
			(unsigned long)of_it, invariant(id)->id, (unsigned long)count);
		exit(1);
	}
	findings_before = finding_count();
	for (unsigned int i = 0; i < INVARIANTS; i++)
		findings_of_before[i] = finding_count_of(i);
}

/* ---------------------------------------------------------------------------------------------------- the fake core */

/* Memory runs out only where an allocation is made to fail. */
static void run_out_of_memory(void)
{
	host_inject_alloc_failure(0);
	HOST_ASSERT(!host_alloc(1, 0, 0));
}

static int answer(void)
{
	fake.calls++;
	if (fake.during)
		fake.during();
	if (fake.answer == -ENOMEM)
		run_out_of_memory();
	return fake.answer;
}

static int fake_vm_create(const struct mmu_vm_config *config, struct mmu_vm **vm)
{
	*vm = (struct mmu_vm *)config;
	return 0;
}

static void fake_vm_destroy(struct mmu_vm *vm)
{
}

static int fake_vcpu_create(struct mmu_vm *vm, uint64_t id, const struct mmu_guest_ops *ops, void *guest,
			    struct mmu_vcpu **vcpu)
{
	*vcpu = guest;
	return 0;
}

static enum mmu_vm_type fixture_type;

static unsigned int fake_address_spaces(struct mmu_vm *vm)
{
	return fixture_type == MMU_VM_SW_PROTECTED ? 1 : 2;
}

static int fake_slot_set(struct mmu_vm *vm, const struct mmu_slot_request *request)
{
	return answer();
}

static int fake_attributes_set(struct mmu_vm *vm, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags)
{
	return answer();
}

static int fake_gmem_create(struct mmu_vm *vm, uint64_t bytes, uint64_t flags)
{
	return 5;
}

static int fake_gmem_fallocate(struct mmu_vm *vm, int gmem, unsigned int mode, uint64_t offset, uint64_t bytes)
{
	return answer();
}

static void fake_gmem_close(struct mmu_vm *vm, int gmem)
{
	answer();
}

static uint64_t fake_gmem_id(struct mmu_vm *vm, int gmem)
{
	return 77;
}

static int fake_dirty_get(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t *bitmap)
{
	bitmap[0] = fake.dirty;
	return answer();
}

static int fake_dirty_clear(struct mmu_vm *vm, uint16_t as_id, uint16_t id, uint64_t first, uint32_t npages,
			    const uint64_t *bitmap)
{
	return answer();
}

static const struct mmu_core_ops fake_ops = {
	.name = "fake",
	.features = MMU_FEATURE_ATTRIBUTES | MMU_FEATURE_GMEM | MMU_FEATURE_PREFAULT | MMU_FEATURE_GMEM_SHARED,
	.vm_create = fake_vm_create,
	.vm_destroy = fake_vm_destroy,
	.vcpu_create = fake_vcpu_create,
	.address_spaces = fake_address_spaces,
	.slot_set = fake_slot_set,
	.attributes_set = fake_attributes_set,
	.gmem_create = fake_gmem_create,
	.gmem_fallocate = fake_gmem_fallocate,
	.gmem_close = fake_gmem_close,
	.gmem_id = fake_gmem_id,
	.dirty_get = fake_dirty_get,
	.dirty_clear = fake_dirty_clear,
};

/* ------------------------------------------------------------------------------------------------------ the fixture */

void fixture_start(struct fixture *fixture, enum mmu_paging paging, enum mmu_vm_type type)
{
	static bool host_is_up;
	const struct host_config host = { .seed = 1 };
	const struct mmu_core_config core = {
		.paging = paging,
		.accessed_dirty = true,
		.root_level = 4,
		.maxphyaddr = 46,
		.level_max = MMU_LEVEL_1G,
		.tdp = true,
		.pml = true,
	};
	const struct mmu_vm_config vm = { .type = type };
	const struct world_options options = { .vcpus = 1, .gfns = 1 << 16 };

	if (!host_is_up)
		HOST_ASSERT(!host_init(&host));
	host_is_up = true;
	fixture_type = type;
	HOST_ASSERT(!world_create(&fake_ops, &core, &vm, &options, &fixture->world));
	fixture->cpu = &fixture->world->vcpu[0]->cpu;
	fixture->context = (struct mmu_guest_context){ .root_level = 4, .paging = paging, .accessed_dirty = true };
	new_root(fixture);
}

void fixture_stop(struct fixture *fixture)
{
	world_destroy(fixture->world);
}

mmu_pfn_t new_table(void)
{
	mmu_pfn_t pfn = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO);

	HOST_ASSERT(pfn != MMU_NO_PFN);
	return pfn;
}

mmu_pfn_t new_page(enum host_page_kind kind, uint64_t owner, uint64_t location)
{
	mmu_pfn_t pfn = host_pages_alloc(0, kind, HOST_ALLOC_ZERO);

	HOST_ASSERT(pfn != MMU_NO_PFN);
	host_page_describe(pfn, owner, location);
	return pfn;
}

void new_root(struct fixture *fixture)
{
	fixture->context.root = new_table() << MMU_PAGE_SHIFT;
	cpu_guest_ops.flush(fixture->cpu, MMU_FLUSH_CURRENT, fixture->context.root);
}

uint64_t *entry_for(struct fixture *fixture, mmu_hpa_t root, gpa_t gpa, int level)
{
	uint64_t full = fixture->context.paging == MMU_PAGING_EPT ? EPT_RWX : NPT_P | NPT_W | NPT_U;
	mmu_pfn_t table = root >> MMU_PAGE_SHIFT;

	for (int at = fixture->context.root_level;; at--) {
		uint64_t *entries = host_pfn_to_va(table);
		uint64_t *entry = &entries[(gpa >> (MMU_PAGE_SHIFT + 9 * (at - 1))) & 511];

		if (at == level)
			return entry;
		if (!*entry)
			*entry = new_table() << MMU_PAGE_SHIFT | full;
		table = (*entry & 0xffffffffff000) >> MMU_PAGE_SHIFT;
	}
}

uint64_t leaf_value(const struct fixture *fixture, mmu_pfn_t pfn, int level)
{
	bool large = level > MMU_LEVEL_4K;

	if (fixture->context.paging == MMU_PAGING_EPT)
		return pfn << MMU_PAGE_SHIFT | EPT_RWX | EPT_WB | (large ? EPT_LARGE : 0);
	return pfn << MMU_PAGE_SHIFT | NPT_P | NPT_W | NPT_U | (large ? NPT_PS : 0);
}

static bool next_access(void *context, struct guest_access *access)
{
	struct guest_access *once = context;

	if (!once->access)
		return false;
	*access = *once;
	once->access = 0;
	return true;
}

struct mmu_guest_exit run_access(struct fixture *fixture, gpa_t gpa, uint32_t access)
{
	struct guest_access once = { .gpa = gpa, .access = access };
	const struct access_source source = { .next = next_access, .context = &once };
	struct mmu_guest_exit out = { 0 };

	fixture->cpu->pending = false;
	fixture->cpu->source = &source;
	host_irq_disable();
	cpu_guest_ops.enter(fixture->cpu, &fixture->context, &out);
	host_irq_enable();
	fixture->cpu->source = NULL;
	return out;
}
