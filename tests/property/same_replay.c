// SPDX-License-Identifier: GPL-2.0-only
/*
 * same_replay.c - property: what was decided in a run is all that made it differ from others.
 *
 * same_replay [RUNS].  Small programs of each scenario in turn, under all policies in turn.  Of each run the decisions
 * are kept in the program, which is printed, parsed and run again under its own schedule, with other runs in between,
 * so that neither the heap nor the arena is as it was: the same points, in the same order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/run/run.h"
#include "harness/schedule/compare.h"
#include "stress/scenario_program.h"
#include "tests/core/core_fixture.h"

#define TOGETHER 8 /* runs, before they are done again */
#define SITE_CAP 4

struct kept {
	struct program program;
	struct host_trace trace;
};

static const struct mmu_core_ops *core;
static const struct host_config host = { .seed = 1 };
static struct schedule_record record[TOGETHER], again;

static struct host_trace run_under(const struct program *program, struct schedule *schedule)
{
	static const struct run_options options = { .digest_every = 1 };
	struct host_trace trace;
	struct run *run;

	host_configure(&host);
	must(run_begin(core, &common_machine, program, &options, true, &run), "VM");
	run_streams_make(run);
	schedule_begin(schedule);
	run_streams(run);
	trace = schedule_end(schedule);
	run_end(run, NULL);
	return trace;
}

static void through_text(struct program *program)
{
	struct program_error error;
	struct program parsed;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	HOST_ASSERT(program_print(program, stream) > 0 && !fclose(stream));
	HOST_ASSERT(program_parse(text, size, &parsed, &error));
	program_free(program);
	*program = parsed;
	free(text);
}

static void first_time(struct policy *policy, uint64_t number, struct kept *kept, struct schedule_record *record_of)
{
	const struct schedule_options options = { .site_cap = SITE_CAP };
	struct schedule schedule;

	schedule_init(&schedule, policy, &options, record_of);
	HOST_ASSERT(schedule_plan(&schedule, number, number));
	kept->trace = run_under(&kept->program, &schedule);
	schedule_free(&schedule);
	HOST_ASSERT(schedule_keep(record_of, &kept->program));
	through_text(&kept->program);
}

static void replay(const struct kept *kept, struct policy *policy, struct host_trace *trace)
{
	static const struct schedule_options options = { 0 };
	struct schedule schedule;

	schedule_init(&schedule, policy, &options, &again);
	schedule_plan(&schedule, 0, 0);
	*trace = run_under(&kept->program, &schedule);
	schedule_free(&schedule);
}

/* What a process does only once is not part of what is compared (schedule.h). */
static void warm_up(const struct kept *kept)
{
	struct policy *policy = policy_create_replay(&kept->program);
	struct host_trace trace;

	replay(kept, policy, &trace);
	policy_destroy(policy);
}

static void second_time(const struct kept *kept, uint64_t number, const struct schedule_record *first)
{
	struct policy *policy = policy_create_replay(&kept->program);
	char text[DECISION_TEXT_MAX], differs[512];
	struct decision missed = { 0 };
	struct host_trace trace;
	size_t misses;
	bool same;

	replay(kept, policy, &trace);
	misses = policy_replay_missed(policy, &missed);
	same = schedule_same(first, &again, differs, sizeof(differs));
	policy_destroy(policy);
	if (same && !misses && trace.hash == kept->trace.hash)
		return;
	decision_format(&missed, text);
	fprintf(stderr, "same_replay: run %" PRIu64 ": %s; %zu of %" PRIu64 " decisions not followed%s%s\n", number,
		same ? "the same points" : differs, misses, first->nr_decisions, misses ? ", the first one: " : "",
		misses ? text : "");
	program_print(&kept->program, stderr);
	exit(1);
}

int main(int argc, char *argv[])
{
	const uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 0) : 400;
	struct policy *policy = policy_create(POLICY_PORTFOLIO, &(struct policy_settings){ 0 });
	uint64_t points = 0, decisions = 0;
	bool has_protected;

	core = fixture_core(&host, &common_machine, "same_replay");
	has_protected = core_has_vms_of(core, &common_machine, &(struct mmu_vm_config){ .type = MMU_VM_SW_PROTECTED });
	for (uint64_t number = 0; number < runs; number += TOGETHER) {
		static struct kept kept[TOGETHER];

		for (unsigned int i = 0; i < TOGETHER; i++) {
			uint64_t n = number + i;
			const struct scenario *scenario = &scenarios[n % nr_scenarios];
			bool protected = scenario->vm_types & SCENARIO_VM_PROTECTED && has_protected &&
					 (n / nr_scenarios % 2 || !(scenario->vm_types & SCENARIO_VM_DEFAULT));

			scenario_program(scenario, protected ? MMU_VM_SW_PROTECTED : MMU_VM_DEFAULT, n,
					 &kept[i].program);
			warm_up(&kept[i]);
			first_time(policy, n, &kept[i], &record[i]);
			points += kept[i].trace.points;
			decisions += record[i].nr_decisions;
		}
		for (unsigned int i = 0; i < TOGETHER; i++) {
			second_time(&kept[i], number + i, &record[i]);
			program_free(&kept[i].program);
		}
	}
	policy_destroy(policy);
	printf("%" PRIu64 " runs twice, %" PRIu64 " points and %" PRIu64 " decisions a run\n", runs, points / runs,
	       decisions / runs);
	return finding_any() ? 1 : 0;
}
