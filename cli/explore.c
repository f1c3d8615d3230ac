// SPDX-License-Identifier: GPL-2.0-only
/*
 * explore.c - `mmutorture explore`: many schedules of one program, until one shows a finding.
 *
 * One process tries schedules; what it finds is shown once more in another one before it is believed, and then written
 * down with its schedule.  All random decisions of a run follow from the seed and the run's number.
 */
#include "cli/explore.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/lab.h"
#include "cli/words.h"
#include "harness/schedule/compare.h"
#include "stress/scenario_program.h"

#define PROGRAM_SCHEDULES 512 /* of one program of a scenario, before the next one comes */
#define WHOLE_ONE_IN 16 /* of the runs destroy their VM */
#define LOOK_EVERY_MS 100
#define SILENT_NS 60000000000 /* no schedule comes to its end: the process is stuck between two points */

/* What the process that tries schedules tells. */
struct tally {
	volatile sig_atomic_t stop; /* asked for by the other one */
	uint64_t number; /* of the run that is tried */
	uint64_t program; /* of a scenario: number of the one that is tried */
	uint64_t schedules, points, switches; /* runs that are over */
	uint64_t distinct; /* hashes of them */
	bool distinct_full, exhausted;
	struct windows windows;
	uint64_t hashes[LAB_DISTINCT_SLOTS]; /* open addressing */
};

struct job {
	struct explore_options options;
	const char *path, *output;
	struct program program; /* of the file */
	uint64_t seed, begin_ns, shown_ns;
	struct lab lab;
	struct tally *tally;
	uint64_t cut; /* runs that a known finding ended, and the process with them */
	bool default_only; /* the core has no protected VMs */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

/* ------------------------------------------------------------------------------------------------- what is explored */

static const struct scenario *scenario_of(const struct job *job)
{
	return job->options.scenario > 1 ? &scenarios[job->options.scenario - 2] : NULL;
}

static enum scenario_vm_types types_of(const struct job *job)
{
	const struct scenario *scenario = scenario_of(job);

	return job->default_only ? SCENARIO_VM_DEFAULT : scenario ? scenario->vm_types : SCENARIO_VM_BOTH;
}

/* Of a scenario the types of VM take turns. */
static enum mmu_vm_type type_of(const struct job *job, uint64_t number)
{
	if (types_of(job) == SCENARIO_VM_BOTH)
		return number % 2 ? MMU_VM_SW_PROTECTED : MMU_VM_DEFAULT;
	return types_of(job) == SCENARIO_VM_PROTECTED ? MMU_VM_SW_PROTECTED : MMU_VM_DEFAULT;
}

static void make_program(const struct job *job, uint64_t number, struct program *program)
{
	if (job->path) {
		program_copy(program, &job->program);
		return;
	}
	if (scenario_of(job))
		scenario_program(scenario_of(job), type_of(job, number), job->seed + number / 2, program);
	else
		collision_program(type_of(job, number), program);
	scenario_machine(job->seed, program);
}

/* ------------------------------------------------------------------------------------------------- trying schedules */

static uint64_t seed_of_run(const struct job *job, uint64_t number)
{
	struct draw draw = { job->seed ^ number << 32 };

	return draw_bits(&draw) >> 32; /* short enough to be read */
}

static void count(struct tally *tally, uint64_t program, const struct host_trace *trace)
{
	uint64_t hash = (trace->hash ^ program * 0x9e3779b97f4a7c15ULL) | 1, slot = hash >> 8;

	tally->schedules++;
	tally->points += trace->points;
	tally->switches += trace->switches;
	while (tally->hashes[slot % LAB_DISTINCT_SLOTS] && tally->hashes[slot % LAB_DISTINCT_SLOTS] != hash)
		slot++;
	if (tally->hashes[slot % LAB_DISTINCT_SLOTS] || tally->distinct_full)
		return;
	tally->hashes[slot % LAB_DISTINCT_SLOTS] = hash;
	tally->distinct++;
	tally->distinct_full = tally->distinct >= LAB_DISTINCT_SLOTS / 4 * 3;
}

static bool goes_on(const struct job *job)
{
	return !job->tally->stop && (!job->options.schedules || job->tally->number < job->options.schedules);
}

/* @runs at most, after one without decisions (lab_replay()).  False: there is nothing left to try. */
static bool try_program(struct job *job, const struct program *program, uint64_t runs)
{
	const struct explore_options *options = &job->options;
	const struct policy_settings settings = {
		.one_in = options->one_in,
		.depth = (unsigned int)options->depth,
		.preemptions = (unsigned int)options->preemptions,
	};
	const struct schedule_options schedule_options = {
		.site_cap = (unsigned int)options->site_cap,
		.points_max = job->lab.points_max,
		.windows = options->windows ? &job->tally->windows : NULL,
		.program = program,
	};
	struct policy *policy = policy_create((enum policy_kind)options->policy, &settings);
	struct tally *tally = job->tally;
	struct schedule schedule;
	bool left = true;

	lab_load(&job->lab, program);
	schedule_init(&schedule, policy, &schedule_options, &job->lab.first->record);
	for (uint64_t i = 0; i < runs && goes_on(job); i++) {
		struct host_trace trace;

		left = schedule_plan(&schedule, i, seed_of_run(job, tally->number));
		if (!left)
			break;
		trace = lab_run(&job->lab, &schedule, tally->number % WHOLE_ONE_IN == 0);
		count(tally, tally->program, &trace);
		tally->number++;
	}
	schedule_free(&schedule);
	policy_destroy(policy);
	return left;
}

static void try_schedules(struct job *job)
{
	struct tally *tally = job->tally;

	lab_write_to(job->lab.first, true);
	while (goes_on(job)) {
		struct program program;

		make_program(job, tally->program, &program);
		program_drop_schedule(&program);
		tally->exhausted = !try_program(job, &program, job->path ? UINT64_MAX : PROGRAM_SCHEDULES);
		program_free(&program);
		if (job->path && tally->exhausted)
			break;
		tally->program++;
	}
	_exit(EXIT_OK);
}

/* --------------------------------------------------------------------------------------------------------- progress */

static void progress_line(struct job *job, bool last)
{
	const struct tally *tally = job->tally;
	double seconds = (double)(now_ns() - job->begin_ns) / 1e9;

	if (!live_line_due(&job->shown_ns, last))
		return;
	printf("%s%4.0f s  schedules %" PRIu64 " (%.0f/s)  points/schedule %" PRIu64 "  distinct %s%" PRIu64,
	       live_line_begin(), seconds, tally->schedules, (double)tally->schedules / seconds,
	       tally->points / (tally->schedules ? tally->schedules : 1), tally->distinct_full ? ">" : "",
	       tally->distinct);
	if (!job->path)
		printf("  programs %" PRIu64, tally->program + 1);
	fputs(live_line_end(last), stdout);
	fflush(stdout);
}

/* Until the process has ended; its exit code. */
static int watch(struct job *job, pid_t child, int end_of_it)
{
	uint64_t seconds = job->options.seconds, seen = UINT64_MAX, seen_ns = now_ns();

	for (;;) {
		struct pollfd over = { .fd = end_of_it, .events = POLLIN };

		if (poll(&over, 1, LOOK_EVERY_MS) > 0)
			return child_wait(child);
		progress_line(job, false);
		if (interrupted || (seconds && now_ns() - job->begin_ns >= seconds * 1000000000))
			job->tally->stop = 1;
		if (job->tally->schedules != seen) {
			seen = job->tally->schedules;
			seen_ns = now_ns();
		} else if (now_ns() - seen_ns > SILENT_NS) {
			fprintf(stderr, "%s: a run passes no scheduling point for %" PRIu64 " s\n",
				explore_option_table.command, (uint64_t)(SILENT_NS / 1000000000));
			kill(child, SIGKILL);
			child_wait(child);
			return EXIT_HARNESS;
		}
	}
}

static int explore(struct job *job)
{
	int ends[2], result;
	pid_t child;

	HOST_ASSERT(!pipe(ends));
	child = lab_fork(&job->lab);
	if (!child) {
		close(ends[0]);
		try_schedules(job);
	}
	close(ends[1]);
	result = watch(job, child, ends[0]);
	close(ends[0]);
	return result;
}

/* --------------------------------------------------------------------------------------------------- what was found */

/* Does it show the same, in the same way, in another process? */
static bool is_confirmed(struct job *job, const struct program *program)
{
	const struct lab_board *first = job->lab.first, *again = job->lab.again;
	char text[512];

	lab_replay(&job->lab, program, false);
	if (!schedule_same(&first->record, &again->record, text, sizeof(text)))
		fprintf(stderr, "%s: the same schedule gave another run: %s\n", explore_option_table.command, text);
	else if (strcmp(first->outcome.finding, again->outcome.finding) || first->outcome.hash != again->outcome.hash)
		fprintf(stderr, "%s: the same schedule showed '%s', then '%s'\n", explore_option_table.command,
			first->outcome.finding, again->outcome.finding);
	else
		return true;
	return false;
}

static int tell_finding(struct job *job)
{
	const struct lab_board *first = job->lab.first;
	struct program program;
	bool kept, confirmed;

	make_program(job, job->tally->program, &program);
	kept = schedule_keep(&first->record, &program);
	origin_set(&program, job->lab.core, job->lab.host.seed, first->outcome.finding);
	if (!program_save(job->output, &program, true, stderr)) {
		program_free(&program);
		return EXIT_USAGE;
	}
	if (!kept)
		fprintf(stderr, "%s: a schedule of %" PRIu64 " decisions is longer than what a program holds\n",
			explore_option_table.command, first->record.nr_decisions);
	confirmed = kept && is_confirmed(job, &program);
	program_free(&program);
	printf("%s after %" PRIu64 " schedules, in one of %" PRIu64 " points and %" PRIu64 " decisions: %s\n",
	       first->outcome.finding, job->tally->number + 1, first->outcome.points, first->record.nr_decisions,
	       job->output);
	if (!confirmed)
		return EXIT_HARNESS;
	printf("shown again; repeat: mmutorture replay %s --times 1000\n", job->output);
	return EXIT_FINDING;
}

static void summary(const struct job *job)
{
	const struct tally *tally = job->tally;

	if (tally->exhausted && job->path)
		printf("these are all schedules%s\n",
		       job->options.policy == POLICY_EXHAUSTIVE ? " with so few preemptions" : "");
	if (job->cut)
		printf("%" PRIu64 " runs were ended by a known finding (docs/FINDINGS.md)\n", job->cut);
	printf("no findings\n");
}

/* ------------------------------------------------------------------------------------------------------ the command */

static int start(struct job *job)
{
	static char line[4096];
	const struct finding_run run = {
		.scenario = job->path ? job->path : "explore",
		.command_line = line,
	};
	struct program program;

	snprintf(line, sizeof(line), "mmutorture replay %s", job->output);
	make_program(job, 0, &program);
	program_machine(&program, &job->lab.config);
	program_free(&program);
	job->lab.host = (struct host_config){ .seed = job->seed };
	return lab_start(&job->lab, &run);
}

/* A known finding ends a process, and no more than that; of two types of VM the core may have one. */
static bool goes_on_after(struct job *job, int result)
{
	if (result == EXIT_SKIPPED && !job->path && types_of(job) == SCENARIO_VM_BOTH) {
		job->default_only = true;
		return true;
	}
	if (result != EXIT_FINDING || *job->lab.first->outcome.finding)
		return false;
	job->cut++;
	job->tally->number++;
	return true;
}

static int run_job(struct job *job)
{
	int error, result;

	printf("seed %" PRIu64 "\n", job->seed);
	fflush(stdout);
	error = start(job);
	if (error) {
		fprintf(stderr, "%s: the core does not start, or there is no such machine (error %d)\n",
			explore_option_table.command, -error);
		return error == -EINVAL ? EXIT_USAGE : EXIT_HARNESS;
	}
	printf("core %s (%s), flavour " MMUTORTURE_FLAVOUR "\n", job->lab.core->name, job->lab.core->version());
	fflush(stdout);
	job->tally = lab_shared(sizeof(*job->tally));
	job->begin_ns = job->shown_ns = now_ns();
	do {
		result = explore(job);
	} while (goes_on_after(job, result));
	progress_line(job, true);
	if (job->options.windows)
		windows_print(&job->tally->windows, job->tally->schedules, stdout);
	if (result == EXIT_FINDING)
		return tell_finding(job);
	if (result == EXIT_SKIPPED)
		printf("this core has no such VM: skipped\n");
	else if (result == EXIT_OK)
		summary(job);
	return result;
}

static bool choose(struct job *job)
{
	const struct explore_options *options = &job->options;
	const char *command = explore_option_table.command;

	if (!job->path == !options->scenario) {
		fprintf(stderr, "%s: %s\n", command,
			job->path ? "PROGRAM or --scenario, not both" : "which one?  PROGRAM, or --scenario NAME");
		return false;
	}
	job->output = options->output ? options->output : "finding.mmut";
	job->lab.core = machine_find_core(options->core, command);
	return job->lab.core && (!job->path || program_load(job->path, &job->program, stderr));
}

int explore_command(int argc, char *const argv[])
{
	const struct option_table *table = &explore_option_table;
	int words, result;
	static struct job job;

	if (!command_begin(table, argc, argv, &job.options, &words, &result))
		return result;
	if (words > 1) {
		fprintf(stderr, "%s: one PROGRAM at a time\n", table->command);
		return EXIT_USAGE;
	}
	job.path = words ? argv[0] : NULL;
	job.seed = job.options.seed ? job.options.seed : machine_new_seed();
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	result = EXIT_USAGE;
	if (choose(&job))
		result = run_job(&job);
	program_free(&job.program);
	return result;
}
