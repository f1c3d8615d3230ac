// SPDX-License-Identifier: GPL-2.0-only
/*
 * page_compound.c - the tail pages of a folio.
 *
 * TSan does not see this file (CMakeLists.txt): to it each tail would be a release of its own, with a clock of half a
 * kilobyte behind it, and a gigantic page has 262,143 of them.  Nobody knows the page yet, and nothing but the head's
 * reference count, which is seen, says when it may go.
 */
#include "shim_point.h"

/* Nobody knows the page yet; and how many tails are still as they shall be is no part of the run that takes it. */
#define shim_point(kind, object) ((void)0)

#include <linux/mm.h>

#include "shim.h"

static void set_tails(struct page *head, unsigned long first, unsigned long end, unsigned int order)
{
	for (unsigned long i = first; i < end; i++)
#if HAVE_COMPOUND_HEAD_ORDER
		set_compound_head(head + i, head, order);
#else
		set_compound_head(head + i, head);
#endif
}

static bool is_tail_of(struct page *page, struct page *head)
{
	return PageTail(page) && compound_head(page) == head;
}

/*
 * A folio of order > 0 is a compound page: its order stands in the second page, the others point to the head.  A block
 * of the arena keeps its order for ever, so that tails which nobody has cleared since still say what they shall.
 */
void shim_page_make_compound(struct page *head, unsigned int order)
{
	unsigned long end = 1UL << order;

	__SetPageHead(head);
	set_tails(head, 1, min(end, (unsigned long)SHIM_FOLIO_PAGES), order);
	if (end > SHIM_FOLIO_PAGES && !is_tail_of(head + end - 1, head))
		set_tails(head, SHIM_FOLIO_PAGES, end, order);
#if HAVE_FOLIO_FLAGS_1
	((struct folio *)head)->_flags_1 = order;
#endif
}
