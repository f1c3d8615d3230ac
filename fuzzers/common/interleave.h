/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interleave.h - an input whose schedule counts: streams on CPUs of their own, and which orders were seen.
 */
#ifndef FUZZERS_COMMON_INTERLEAVE_H
#define FUZZERS_COMMON_INTERLEAVE_H

#include "harness/run/fresh.h"

/* fresh_run(), under @program's schedule and, where it says nothing, random preemptions that follow from its seed. */
void interleave_run(struct fresh *fresh, const struct program *program, const struct run_options *options);

/* For a driver without an engine: true if runs since the last call showed orders that were not seen before it. */
bool interleave_news(void);

/* The schedule of @program becomes that of the last run, also while it is running. */
void interleave_keep(struct program *program);

#endif
