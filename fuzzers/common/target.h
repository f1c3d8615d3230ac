/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * target.h - what makes one fuzz target another than the next: which operations, and which VMs.
 *
 * Each target is one file that defines fuzz_target; everything else is common to all.
 */
#ifndef FUZZERS_COMMON_TARGET_H
#define FUZZERS_COMMON_TARGET_H

#include "harness/program/program.h"

#define FUZZ_GROUPS_MAX 8
#define FUZZ_PINS_MAX 4
#define FUZZ_INTERLEAVINGS 65536

#define FUZZ_OP(name) (1ull << OP_##name)
_Static_assert(OPS_COUNT <= 64, "one bit each in struct fuzz_target");

/* libFuzzer takes what is in this section for coverage, and clears it before each input. */
#define FUZZ_COUNTERS __attribute__((section("__libfuzzer_extra_counters")))

/* Which programs run on CPUs of their own, under their schedule; in others streams take turns. */
enum fuzz_orders {
	FUZZ_SCHEDULED_ORDERED, /* those that have one */
	FUZZ_ALL_ORDERED,
};

/* A field of the header that is the same in all of its programs. */
struct fuzz_pin {
	enum program_field field;
	uint8_t choice;
};

struct fuzz_target {
	const char *name;
	const char *groups[FUZZ_GROUPS_MAX]; /* of ops.def; none: all of them */
	uint64_t also; /* FUZZ_OP() of other groups */
	uint64_t never; /* of its groups, but not of it */
	struct fuzz_pin pins[FUZZ_PINS_MAX];
	unsigned int nr_pins;
	unsigned int ops_max; /* of what mutation brings forth; 0: FUZZ_OPS_MAX */
	uint8_t *interleavings; /* FUZZ_INTERLEAVINGS counters of orders seen; NULL: streams always take turns */
	enum fuzz_orders orders; /* with counters */
	const char *against; /* a second core that has to come to the same (differential.h); NULL: none */
	/* What is done with an input that is no program yet (false: it is none); NULL: it becomes one, and is run. */
	bool (*bytes)(const uint8_t *bytes, size_t size);
};

extern const struct fuzz_target fuzz_target;

/* Operations of the target: bits of their codes. */
uint64_t fuzz_target_ops(void);

/* Does @program run under its schedule? */
bool fuzz_is_ordered(const struct program *program);

/* Takes out what is not of the target, and puts in the machine that this process is (fields.h). */
void fuzz_restrict(struct program *program);

#endif
