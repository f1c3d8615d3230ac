// SPDX-License-Identifier: GPL-2.0-only
/*
 * process.c - the host and the core come up once; then each input is a VM's life.
 */
#include "fuzzers/common/process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzzers/common/differential.h"
#include "fuzzers/common/fields.h"
#include "fuzzers/common/input.h"
#include "fuzzers/common/interleave.h"
#include "fuzzers/common/target.h"
#include "harness/finding/finding.h"
#include "harness/run/boot.h"
#include "harness/run/fresh.h"

/* Of the operations that are refused so many are looked at closely (I-L7): reading all of a VM's state is slow. */
#define DIGEST_EVERY 16

static const struct run_options in_turn = { .digest_every = DIGEST_EVERY };
static const struct run_options ordered = { .digest_every = 1 }; /* as a replay does, so that steps are the same */

void (*fuzz_found)(bool in_core);

static const struct host_config host_config = { .seed = 1 };
static const struct mmu_core_ops *core;
static struct mmu_core_config core_config;
static struct fresh *fresh;
static bool busy; /* with an input: the process must not end */
static const struct program *running; /* what it is; NULL: no program */

/* ---------------------------------------------------------------------------------------------------------- the end */

static bool name_finding(void *context, const struct finding *finding)
{
	struct program_origin *origin = context;

	if (finding->known)
		return true;
	snprintf(origin->finding, sizeof(origin->finding), "%s %s", finding_class_name(finding->class), finding->id);
	return false;
}

static void tell_program(const struct program *program)
{
	struct program told = *program;

	told.origin = (struct program_origin){ .flavour = MMUTORTURE_FLAVOUR, .seed = host_config.seed };
	snprintf(told.origin.core, sizeof(told.origin.core), "%s", core->name);
	snprintf(told.origin.kernel, sizeof(told.origin.kernel), "%s", core->version());
	finding_for_each(name_finding, &told.origin);
	if (fuzz_is_ordered(program))
		interleave_keep(&told);
	fprintf(stderr, "---- %s: the program; `%s` repeats it\n", fuzz_target.name,
		fuzz_target.against        ? "mmutorture diff"
		: fuzz_is_ordered(program) ? "mmutorture-fibres replay"
					   : "mmutorture run");
	program_print(&told, stderr);
	fprintf(stderr, "----\n");
}

/* @in_core: or else an assertion of ours. */
static void end(bool in_core)
{
	busy = false;
	if (running)
		tell_program(running);
	if (fuzz_found)
		fuzz_found(in_core);
	abort();
}

/*
 * The host ends the process by _exit() where it cannot go on: a BUG of the core, an assertion of ours.  Linked with
 * --wrap=_exit, so that engines see a crash and keep the input.
 */
void __wrap__exit(int status) __attribute__((noreturn));
void __real__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
	if (busy)
		end(finding_any());
	__real__exit(status);
}

/* ------------------------------------------------------------------------------------------------------------ start */

static void give_up(const char *what, int error)
{
	fprintf(stderr, "%s: %s (error %d)\n", fuzz_target.name, what, -error);
	exit(3);
}

void fuzz_start(void)
{
	const struct finding_run run = {
		.scenario = fuzz_target.name,
		.command_line = "mmutorture run FILE, with the program below in FILE",
	};
	struct program program;
	int error;

	core = mmu_cores[0];
	if (!core)
		give_up("no core is built in: configure with -DKVM_SOURCE=<kernel tree>", -ENODEV);
	program_init(&program);
	fuzz_machine_fields(&program);
	program_machine(&program, &core_config);
	error = core_start(core, &host_config, &core_config, &run);
	if (error)
		give_up("the core does not start on this machine", error);
	if (fuzz_target.against) {
		error = differential_start(core, &core_config, &host_config);
		if (error)
			give_up("the second core does not start on this machine", error);
		program_free(&program);
		return;
	}
	fresh = fresh_create(core, &core_config, &host_config);
	if (!fuzz_target.bytes && fuzz_target.orders != FUZZ_ALL_ORDERED)
		fresh_prepare(fresh, &program, &in_turn, false);
	if (fuzz_target.interleavings)
		fresh_prepare(fresh, &program, &ordered, true);
	program_free(&program);
}

/* -------------------------------------------------------------------------------------------------------------- one */

/* True: the core is wrong. */
static bool run_one(struct program *program)
{
	if (fuzz_target.against)
		return differential_run(program) != DIFFERENTIAL_SAME;
	if (fuzz_is_ordered(program))
		interleave_run(fresh, program, &ordered);
	else
		fresh_run(fresh, program, &in_turn, FRESH_AS_PROGRAM, NULL);
	return finding_any();
}

static bool run(const uint8_t *bytes, size_t size)
{
	struct program program;
	bool read = input_read(bytes, size, &program);

	if (read) {
		running = &program;
		if (run_one(&program))
			end(true);
		running = NULL;
	}
	program_free(&program);
	return read;
}

void fuzz_over(FILE *out)
{
	if (fuzz_target.against)
		differential_print(out);
}

bool fuzz_one(const uint8_t *bytes, size_t size)
{
	bool taken;

	busy = true;
	taken = (fuzz_target.bytes ? fuzz_target.bytes : run)(bytes, size);
	busy = false;
	return taken;
}
