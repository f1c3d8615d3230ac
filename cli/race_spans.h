/* SPDX-License-Identifier: GPL-2.0-only */
/* race_spans.h - from which point to which a CPU held a lock or was in a read section, by the points that it passed. */
#ifndef CLI_RACE_SPANS_H
#define CLI_RACE_SPANS_H

#include "harness/schedule/schedule.h"

#define RACE_SPANS_MAX 64
#define RACE_SPAN_OPEN UINT64_MAX /* the record ends before the span does */

struct race_span {
	uint64_t begin,
		end; /* of the record; points come before what they stand for, so it is held from behind @begin */
	uint32_t object; /* 0: RCU, which has none */
	uint8_t kind; /* HOST_POINT_LOCK, HOST_POINT_RCU, HOST_POINT_SRCU */
};

/*
 * Those of @cpu (decisions.h) that overlap the points @first to @last, in the order of their beginnings; their number,
 * RACE_SPANS_MAX at most.  A try for a lock that failed looks like one that succeeded: points do not say what came of
 * them.
 */
size_t race_spans(const struct schedule_record *record, uint8_t cpu, uint64_t first, uint64_t last,
		  struct race_span *spans);

#endif
