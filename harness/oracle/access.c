// SPDX-License-Identifier: GPL-2.0-only
/*
 * access.c - the verdict on one guest access.
 *
 *  1 the page has not gone back to the host, nor been revoked (I-Z8, I-Z2, I-T1; guest_memfd: I-Z5)
 *  2 a write does not reach a page that the host made read-only (I-S3, I-T1)
 *  3 a slot of the vCPU's address space justifies the page at that gfn (I-Z3, I-Z4, I-Z5, I-S3, I-R12, I-T1)
 *  4 a write to a logged page does not use a translation from before its last completed write-protection (I-T4)
 *
 * A stale translation has two causes that look alike: the entry was left in place, or it was zapped and the TLB was not
 * flushed.  The live tables tell which; that decides the id under which it is reported.
 * Locking: none; interrupts are off.
 */
#include "harness/finding/finding.h"
#include "harness/oracle/history.h"
#include "harness/oracle/oracle.h"
#include "harness/oracle/slots.h"
#include "harness/world/cpu_parts.h"
#include "harness/world/world.h"

#define HISTORY_TICKS 8 /* before the translation was made: what may have made it possible */

struct verdict {
	const struct guest_access *access;
	const struct translation *translation;
	const struct model_moment *before;
	struct page_facts page;
};

void oracle_before_access(const struct cpu *cpu, const struct guest_access *access, struct model_moment *before)
{
	const struct model *model = &cpu->world->model;

	before->clock = model_clock(model);
	before->slot_changes = MODEL_GET(model->as[cpu_as_id(cpu)].changes);
	before->attribute = model_attribute(model, access->gpa >> MMU_PAGE_SHIFT);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static bool read_page(mmu_pfn_t pfn, struct page_facts *facts)
{
	const struct host_page *page = host_page(pfn);

	if (!page)
		return false;
	*facts = (struct page_facts){
		.pfn = pfn,
		.kind = __atomic_load_n(&page->kind, __ATOMIC_RELAXED),
		.flags = __atomic_load_n(&page->flags, __ATOMIC_RELAXED),
		.epoch = __atomic_load_n(&page->epoch, __ATOMIC_RELAXED),
		.location = __atomic_load_n(&page->location, __ATOMIC_RELAXED),
		.owner = __atomic_load_n(&page->owner, __ATOMIC_RELAXED),
	};
	return true;
}

/* True if the live tables still say what was used: the entry is stale, not only the TLB. */
static bool is_still_mapped(const struct cpu *cpu, const struct verdict *verdict)
{
	struct translation now;

	return cpu_probe(cpu, verdict->access->gpa, &now) && now.pfn == verdict->translation->pfn &&
	       !(access_needs(verdict->access->access) & ~now.allowed);
}

/* Always returns false. */
static bool report(const struct cpu *cpu, const struct verdict *verdict, enum invariant_id entry_is_wrong,
		   const char *why)
{
	const struct translation *translation = verdict->translation;
	const struct page_facts *page = &verdict->page;
	static const char *const kinds[] = { "free", "table", "anonymous", "guest_memfd" };
	bool stale_tlb = translation->from_tlb && !is_still_mapped(cpu, verdict);
	uint64_t since = translation->filled > HISTORY_TICKS ? translation->filled - HISTORY_TICKS : 0;
	char history[512];

	history_tell(cpu->world, since, history, sizeof(history));
	finding_violation(
		stale_tlb ? INV_T1 : entry_is_wrong,
		"%s: vCPU %u%s, gpa 0x%lx, access 0x%x reached pfn 0x%lx by %s (level %d, entry 0x%lx at hpa "
		"0x%lx, filled at %lu, now %lu); page: %s%s%s, epoch %u, owner %lu, location 0x%lx; attribute %u; "
		"flushed at %lu, entered at %lu on root 0x%lx%s",
		why, cpu->vcpu->index, cpu->context.in_smm ? " in SMM" : "", (unsigned long)verdict->access->gpa,
		verdict->access->access, (unsigned long)translation->pfn, translation->from_tlb ? "TLB" : "walk",
		translation->level, (unsigned long)translation->raw, (unsigned long)translation->leaf,
		(unsigned long)translation->filled, (unsigned long)verdict->before->clock,
		page->kind < 4 ? kinds[page->kind] : "?", page->flags & HOST_PAGE_REVOKED ? " revoked" : "",
		page->flags & HOST_PAGE_READONLY ? " read-only" : "", page->epoch, (unsigned long)page->owner,
		(unsigned long)page->location, verdict->before->attribute, (unsigned long)cpu->flushed_at,
		(unsigned long)cpu->entered_at, (unsigned long)cpu->context.root, history);
	return false;
}

/* Rules 1 and 2. */
static bool check_page(const struct cpu *cpu, const struct verdict *verdict)
{
	const struct page_facts *page = &verdict->page;
	bool write = verdict->access->access & MMU_WRITE;

	if (page->kind == HOST_PAGE_FREE)
		return report(cpu, verdict, INV_Z8, "the page has gone back to the host");
	if (page->kind == HOST_PAGE_CORE)
		return report(cpu, verdict, INV_Z8, "the page is the core's own");
	if (page->flags & HOST_PAGE_REVOKED)
		return report(cpu, verdict, page->kind == HOST_PAGE_GMEM ? INV_Z5 : INV_Z2,
			      "the host has taken the page away");
	if (write && (page->flags & HOST_PAGE_READONLY))
		return report(cpu, verdict, INV_S3, "the host has made the page read-only");
	return true;
}

static bool slots_are_settled(const struct model *model, unsigned int as_id, const struct model_moment *before)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(before->slot_changes & 1) && MODEL_GET(model->as[as_id].changes) == before->slot_changes;
}

static enum invariant_id id_of(enum slot_verdict verdict)
{
	switch (verdict) {
	case SLOT_WRONG_KIND:
		return INV_Z4;
	case SLOT_FILE_CLOSED:
		return INV_Z5;
	case SLOT_READ_ONLY:
		return INV_S3;
	default:
		return INV_Z3;
	}
}

/* Rule 3.  @slot: the settled slot that justifies the page; NULL while it changes. */
static bool check_slot(const struct cpu *cpu, const struct verdict *verdict, struct model_slot **slot)
{
	const struct model *model = &cpu->world->model;
	unsigned int as_id = cpu_as_id(cpu);
	gfn_t gfn = verdict->access->gpa >> MMU_PAGE_SHIFT;
	bool write = verdict->access->access & MMU_WRITE;
	unsigned int kinds = attribute_kinds(verdict->before->attribute) | attribute_kinds(model_attribute(model, gfn));
	enum slot_verdict found = slots_judge(model, as_id, gfn, &verdict->page, write, kinds, slot);
	struct model_slot *other;

	if (found == SLOT_AGREES || !slots_are_settled(model, as_id, verdict->before))
		return true;
	if (cpu->world->address_spaces > 1 && found != SLOT_READ_ONLY &&
	    slots_judge(model, !as_id, gfn, &verdict->page, write, kinds, &other) == SLOT_AGREES)
		return report(cpu, verdict, INV_R12, "only a slot of the other address space maps that page there");
	return report(cpu, verdict, id_of(found), slot_verdict_text(found));
}

/* Rule 4: @from is the begin of an operation that write-protects, @at its return. */
static bool is_older(const struct verdict *verdict, uint64_t from, uint64_t at)
{
	return from && verdict->translation->filled < from && at <= verdict->before->clock;
}

/* Notes the write; D1 judges it when all is quiet. */
static bool check_logged_write(struct cpu *cpu, const struct verdict *verdict, const struct model_slot *slot)
{
	struct model_dirty *dirty = MODEL_GET(slot->dirty);
	uint64_t index = (verdict->access->gpa >> MMU_PAGE_SHIFT) - MODEL_GET(slot->now.base);
	struct model_dirty_page *page;
	uint64_t from, enabled_from;

	if (!dirty || index >= dirty->capacity)
		return true;
	cpu_count(cpu, CPU_LOGGED_WRITES);
	page = &dirty->page[index];
	from = MODEL_GET(page->protected_from);
	enabled_from = MODEL_GET(dirty->enabled_from);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (verdict->translation->from_tlb && (is_older(verdict, from, MODEL_GET(page->protected_at)) ||
					       is_older(verdict, enabled_from, MODEL_GET(dirty->enabled_at)))) {
		finding_violation(
			INV_T4,
			"vCPU %u wrote gpa 0x%lx, slot %u, by a TLB entry filled at %lu; its page was "
			"write-protected by an operation from %lu to %lu, logging enabled from %lu to %lu; now %lu",
			cpu->vcpu->index, (unsigned long)verdict->access->gpa, slot->id,
			(unsigned long)verdict->translation->filled, (unsigned long)from,
			(unsigned long)page->protected_at, (unsigned long)enabled_from,
			(unsigned long)dirty->enabled_at, (unsigned long)verdict->before->clock);
		return false;
	}
	/* Only what began while the slot was settled has to be logged. */
	if (slots_are_settled(&cpu->world->model, cpu_as_id(cpu), verdict->before) &&
	    MODEL_GET(page->written) < verdict->before->clock)
		MODEL_SET(page->written, verdict->before->clock);
	return true;
}

bool oracle_check_access(struct cpu *cpu, const struct guest_access *access, const struct translation *translation,
			 const struct model_moment *before)
{
	struct verdict verdict = { .access = access, .translation = translation, .before = before };
	struct model_slot *slot;

	if (!read_page(translation->pfn, &verdict.page)) {
		finding_violation(INV_Z8,
				  "vCPU %u, gpa 0x%lx: entry 0x%lx at hpa 0x%lx maps pfn 0x%lx, which is no memory",
				  cpu->vcpu->index, (unsigned long)access->gpa, (unsigned long)translation->raw,
				  (unsigned long)translation->leaf, (unsigned long)translation->pfn);
		return false;
	}
	if (!check_page(cpu, &verdict) || !check_slot(cpu, &verdict, &slot))
		return false;
	if (slot && (access->access & MMU_WRITE) && (MODEL_GET(slot->now.flags) & MMU_SLOT_LOG_DIRTY))
		return check_logged_write(cpu, &verdict, slot);
	return true;
}
