// SPDX-License-Identifier: GPL-2.0-only
/*
 * value.c - values that tell where they were written, and what a read of guest_memfd memory may find.
 *
 * A value is | vCPU:5 | hash of owner and location:11 | clock:32 | count:16 |.  The clock is read after the
 * translation, so a value whose clock is older than the begin of a punch was stored in the page that this punch frees.
 * Locking: none.
 */
#include "harness/finding/finding.h"
#include "harness/oracle/oracle.h"
#include "harness/world/cpu_parts.h"
#include "harness/world/world.h"

#define VCPU_SHIFT 59
#define HASH_SHIFT 48
#define HASH_MASK 0x7ff
#define CLOCK_SHIFT 16
#define CLOCK_MASK 0xffffffff
#define COUNT_MASK 0xffff

static uint64_t hash(uint64_t owner, uint64_t location)
{
	return ((owner << 40 ^ location) * 0x9e3779b97f4a7c15) >> 53;
}

uint64_t oracle_value(unsigned int vcpu, uint64_t owner, uint64_t location, uint64_t clock, uint64_t count)
{
	return (uint64_t)vcpu << VCPU_SHIFT | hash(owner, location) << HASH_SHIFT |
	       (clock & CLOCK_MASK) << CLOCK_SHIFT | (count & COUNT_MASK);
}

static const struct model_gmem *gmem_of(const struct model *model, uint64_t owner)
{
	for (unsigned int i = 0; i < MODEL_GMEM_MAX; i++) {
		if (MODEL_GET(model->gmem[i].state) == MODEL_LIVE && MODEL_GET(model->gmem[i].id) == owner)
			return &model->gmem[i];
	}
	return NULL;
}

/* A punch of the page that had completed before @before and began after @clock; 0: none. */
static uint64_t punch_since(const struct model_gmem *gmem, uint64_t location, uint64_t clock,
			    const struct model_moment *before)
{
	const struct model_punch *punch;
	uint64_t from;

	if (location >= MODEL_GET(gmem->npages))
		return 0;
	punch = &gmem->punched[location];
	from = MODEL_GET(punch->from);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return clock < (from & CLOCK_MASK) && MODEL_GET(punch->at) <= before->clock ? from : 0;
}

void oracle_check_value(struct cpu *cpu, const struct guest_access *access, const struct translation *translation,
			const struct model_moment *before, uint64_t value)
{
	const struct host_page *page = host_page(translation->pfn);
	uint64_t owner = __atomic_load_n(&page->owner, __ATOMIC_RELAXED);
	uint64_t location = __atomic_load_n(&page->location, __ATOMIC_RELAXED);
	uint64_t clock = value >> CLOCK_SHIFT & CLOCK_MASK;
	const struct model_gmem *gmem;
	uint64_t punched;

	if (__atomic_load_n(&page->kind, __ATOMIC_RELAXED) != HOST_PAGE_GMEM)
		return;
	cpu_count(cpu, CPU_GMEM_READS);
	gmem = gmem_of(&cpu->world->model, owner);
	punched = gmem ? punch_since(gmem, location, clock, before) : 0;
	if (!value || ((value >> HASH_SHIFT & HASH_MASK) == hash(owner, location) && !punched))
		return;
	finding_violation(
		INV_P7,
		"vCPU %u read 0x%lx at gpa 0x%lx, pfn 0x%lx, guest_memfd %lu page %lu: written by vCPU %lu at %lu "
		"%s; last punch began at %lu",
		cpu->vcpu->index, (unsigned long)value, (unsigned long)access->gpa, (unsigned long)translation->pfn,
		(unsigned long)owner, (unsigned long)location, (unsigned long)(value >> VCPU_SHIFT),
		(unsigned long)clock, punched ? "to this offset, before it was punched" : "to another page",
		(unsigned long)punched);
}
