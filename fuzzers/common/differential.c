// SPDX-License-Identifier: GPL-2.0-only
/* differential.c - see differential.h. */
#include "fuzzers/common/differential.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fuzzers/common/target.h"
#include "harness/compare/compare.h"
#include "harness/finding/finding.h"

struct side {
	const struct mmu_core_ops *core;
	struct fresh *fresh;
	char *bytes; /* what was seen: libc's memory, which a snapshot leaves alone */
	size_t size;
	bool found;
};

/* libc's, too: counts of one run are to be there after the next. */
static struct differential_state {
	struct side side[2];
	uint64_t expected[DIFFERENCES];
	uint64_t peculiar;
	uint64_t runs;
} *state;

static const struct mmu_core_ops *find_core(const char *name)
{
	for (unsigned int i = 0; mmu_cores[i]; i++) {
		if (!strcmp(mmu_cores[i]->name, name))
			return mmu_cores[i];
	}
	return NULL;
}

int differential_start(const struct mmu_core_ops *left, const struct mmu_core_config *config,
		       const struct host_config *host)
{
	const struct mmu_core_ops *right = find_core(fuzz_target.against);
	int error = right ? right->init(config) : -ENODEV;

	if (error)
		return error;
	state = calloc(1, sizeof(*state));
	HOST_ASSERT(state);
	state->side[0].core = left;
	state->side[1].core = right;
	state->peculiar = compare_peculiar(left) | compare_peculiar(right);
	for (unsigned int i = 0; i < 2; i++)
		state->side[i].fresh = fresh_create(state->side[i].core, config, host);
	return 0;
}

/* False: the core has no such VM. */
static bool observe(struct side *side, const struct program *program)
{
	FILE *out = open_memstream(&side->bytes, &side->size);
	struct run_options options = { 0 };
	struct compare_observer *observer;
	bool found_before = finding_any();
	int error;

	HOST_ASSERT(out);
	finding_set_run(&(struct finding_run){ .seed = host_configuration()->seed,
					       .core = side->core->name,
					       .version = side->core->version(),
					       .scenario = fuzz_target.name,
					       .command_line = "mmutorture diff FILE" });
	observer = compare_observer_create(out, &options);
	error = fresh_run(side->fresh, program, &options, FRESH_BACK, NULL);
	HOST_ASSERT(!error || error == -EINVAL || error == -EOPNOTSUPP);
	compare_observer_destroy(observer);
	fclose(out);
	side->found = finding_any() && !found_before;
	return !error;
}

static void compare(const struct program *program, struct comparison *comparison)
{
	FILE *stream[2];

	*comparison = (struct comparison){
		.left_name = state->side[0].core->name,
		.right_name = state->side[1].core->name,
		.program = program,
		.peculiar = state->peculiar,
	};
	for (unsigned int i = 0; i < 2; i++) {
		stream[i] = fmemopen(state->side[i].bytes, state->side[i].size, "r");
		HOST_ASSERT(stream[i]);
	}
	compare_streams(comparison, stream[0], stream[1]);
	for (unsigned int i = 0; i < 2; i++) {
		fclose(stream[i]);
		free(state->side[i].bytes);
	}
	state->runs++;
	for (unsigned int i = 0; i < DIFFERENCES; i++)
		state->expected[i] += comparison->count[i];
}

enum differential differential_run(struct program *program)
{
	struct comparison comparison;
	bool both = true;

	compare_leave_out(program, state->side[0].core, state->side[1].core);
	for (unsigned int i = 0; i < 2; i++)
		both = observe(&state->side[i], program) && both;
	compare(program, &comparison);
	if (!both)
		return DIFFERENTIAL_SAME;
	if (compare_differs(&comparison)) {
		compare_print(&comparison, stderr);
		fprintf(stderr, "spec.md supports %s\n",
			compare_verdict(&comparison, state->side[0].found, state->side[1].found));
		return DIFFERENTIAL_DIFFERS;
	}
	return state->side[0].found || state->side[1].found ? DIFFERENTIAL_FOUND : DIFFERENTIAL_SAME;
}

void differential_print(FILE *out)
{
	fprintf(out, "%" PRIu64 " programs on both; expected differences:", state->runs);
	for (unsigned int i = DIFFERENCE_FIRST_EXPECTED; i < DIFFERENCES; i++)
		fprintf(out, " %s %" PRIu64, difference_name(i), state->expected[i]);
	fprintf(out, "\n");
}
