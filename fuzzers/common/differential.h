/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * differential.h - one input on two cores in one process, one after the other, each in a VM that a snapshot has brought
 * back; what they came to is compared operation by operation (harness/compare).
 */
#ifndef FUZZERS_COMMON_DIFFERENTIAL_H
#define FUZZERS_COMMON_DIFFERENTIAL_H

#include "harness/run/fresh.h"

/* The second core comes up, too; 0 or -errno.  @left has been started; @config and @host are kept by reference. */
int differential_start(const struct mmu_core_ops *left, const struct mmu_core_config *config,
		       const struct host_config *host);

enum differential {
	DIFFERENTIAL_SAME, /* but for what is expected to differ; or only one has such a VM */
	DIFFERENTIAL_DIFFERS, /* in what, and whom the specification supports, is on stderr */
	DIFFERENTIAL_FOUND, /* one core breaks a rule by itself */
};
/* Of @program goes what cannot be compared. */
enum differential differential_run(struct program *program);

void differential_print(FILE *out); /* all that was expected so far, counted */

#endif
