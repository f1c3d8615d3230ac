/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - what the core expects of itself: that it does not hold is a finding, not a mistake of the harness.
 */
#ifndef MMU_REFERENCE_CHECK_H
#define MMU_REFERENCE_CHECK_H

#include "mmu_core/host.h"

#define CORE_ASSERT(expression) \
	((expression) ? (void)0 \
		      : host_report(HOST_REPORT_BUG, __FILE__, __LINE__, "reference core: not so: %s", #expression))

#endif
