// SPDX-License-Identifier: GPL-2.0-only
/*
 * restrict.c - any program becomes one that the target is about.
 *
 * Total and without chance, so that an input means the same to a mutator, to the target, and to whoever replays it.
 */
#include <string.h>

#include "fuzzers/common/fields.h"
#include "fuzzers/common/input.h"
#include "fuzzers/common/target.h"

/*
 * Schedules keep invalidations open as long as they like, without a stream that waits for its own.  What is expected of
 * a VM that an SMI may have killed is known only when the vCPU has come back.  A memory failure and a hole wait for
 * each other (docs/FINDINGS.md), and no run goes on behind that.
 */
#define UNORDERED (FUZZ_OP(window_open) | FUZZ_OP(window_close) | FUZZ_OP(smi) | FUZZ_OP(rsm) | FUZZ_OP(gmem_error))

static bool in_groups(const char *group)
{
	if (!fuzz_target.groups[0])
		return true;
	for (unsigned int i = 0; i < FUZZ_GROUPS_MAX && fuzz_target.groups[i]; i++) {
		if (!strcmp(group, fuzz_target.groups[i]))
			return true;
	}
	return false;
}

uint64_t fuzz_target_ops(void)
{
	static uint64_t ops;

	if (ops)
		return ops;
	for (unsigned int code = 0; code < OPS_COUNT; code++)
		ops |= (uint64_t)in_groups(op_rows[code].group) << code;
	ops = (ops | fuzz_target.also) & ~fuzz_target.never;
	return ops;
}

bool fuzz_is_ordered(const struct program *program)
{
	return fuzz_target.interleavings && (fuzz_target.orders == FUZZ_ALL_ORDERED || program->schedule_bytes);
}

void fuzz_restrict(struct program *program)
{
	uint64_t ops = fuzz_target_ops() & ~(fuzz_is_ordered(program) ? UNORDERED : 0);
	size_t kept = 0;

	for (size_t i = 0; i < program->nr_ops && kept < FUZZ_RUN_OPS_MAX; i++) {
		if (ops >> program->ops[i].code & 1)
			program->ops[kept++] = program->ops[i];
	}
	program->nr_ops = kept;
	for (unsigned int i = 0; i < fuzz_target.nr_pins; i++)
		program->field[fuzz_target.pins[i].field] = fuzz_target.pins[i].choice;
	fuzz_machine_fields(program);
}
