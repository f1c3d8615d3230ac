/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slots.h - what the slots and attributes of the model say about one page at one gfn, read without a lock.
 */
#ifndef HARNESS_ORACLE_SLOTS_H
#define HARNESS_ORACLE_SLOTS_H

#include "harness/world/model.h"

/* The facts about the page that an access reached; copied once, so that the verdict and its report agree. */
struct page_facts {
	mmu_pfn_t pfn;
	uint8_t kind;
	uint8_t flags;
	uint32_t epoch;
	uint64_t location;
	uint64_t owner;
};

/* How well the best matching slot agrees; the later, the better. */
enum slot_verdict {
	SLOT_NONE, /* no slot at the gfn */
	SLOT_WRONG_KIND, /* shared page, private gfn, or the other way round */
	SLOT_OTHER_MEMORY, /* the slot maps other memory there */
	SLOT_FILE_CLOSED, /* the right page of a file that has been closed */
	SLOT_READ_ONLY, /* right, but the slot is read-only and this is a write */
	SLOT_AGREES,
};

/* What the attributes of a gfn were around an access. */
enum kinds_allowed {
	KIND_SHARED = 1 << 0,
	KIND_PRIVATE = 1 << 1,
};

/* Both kinds while the attribute changes, or if it did between the two readings. */
static inline unsigned int attribute_kinds(uint8_t attribute)
{
	if (attribute & MODEL_ATTRIBUTE_CHANGING)
		return KIND_SHARED | KIND_PRIVATE;
	return attribute & MODEL_PRIVATE ? KIND_PRIVATE : KIND_SHARED;
}

/* @agrees: the slot that agrees, when it does so in a settled state; else NULL. */
enum slot_verdict slots_judge(const struct model *model, unsigned int as_id, gfn_t gfn, const struct page_facts *page,
			      bool write, unsigned int kinds, struct model_slot **agrees);

const char *slot_verdict_text(enum slot_verdict verdict);

#endif
