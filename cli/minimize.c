// SPDX-License-Identifier: GPL-2.0-only
/*
 * minimize.c - `mmutorture minimize FINDING`: the smallest program that shows the same finding.
 *
 * The best so far is always in the output file, which is what makes it possible to go on after any end.
 */
#include "harness/minimize/minimize.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/minimize.h"
#include "cli/words.h"
#include "harness/finding/finding.h"
#include "stress/option_parser.h"

#define OUTPUT_SUFFIX ".min.mmut"

struct minimize_options {
	const char *output, *finding, *core;
	const char *json;
	uint64_t seed, times, least, limit, seconds, schedules;
	bool threads;
};

#define FIELD(field) offsetof(struct minimize_options, field)

static const struct option_row rows[] = {
	{ "output", OPTION_TEXT, "FILE", 0, 0, 0, FIELD(output),
	  "the best so far, always whole; if it is there, go on from it (FINDING with " OUTPUT_SUFFIX ")" },
	{ "finding", OPTION_TEXT, "\"CLASS ID\"", 0, 0, 0, FIELD(finding),
	  "which one, as in \"mmu-invariant T1\" (what FINDING says it shows, else what it shows first)" },
	{ "seed", OPTION_NUMBER, "N", 0, 0, UINT64_MAX, FIELD(seed),
	  "of every random decision of the host; 0: FINDING's own, or 1" },
	{ "threads", OPTION_FLAG, NULL, 0, 0, 0, FIELD(threads),
	  "each stream on a CPU of its own: such a finding shows by the odds, see --times" },
	{ "times", OPTION_NUMBER, "N", 1, 1, 1000000, FIELD(times), "runs a program is given in one trial" },
	{ "least", OPTION_NUMBER, "K", 1, 1, 1000000, FIELD(least), "of which so many have to show it" },
	{ "limit", OPTION_NUMBER, "SECONDS", 10, 1, 86400, FIELD(limit),
	  "a process that takes longer is ended, and shows nothing more" },
	{ "seconds", OPTION_NUMBER, "N", 0, 0, 31536000, FIELD(seconds),
	  "end after that time; 0: when nothing is left to try" },
	{ "schedules", OPTION_NUMBER, "N", 200, 0, 1000000, FIELD(schedules),
	  "of a FINDING with a schedule: other ones that a candidate is given, if that one does not show it" },
	{ "json", OPTION_TEXT, "FILE", 0, 0, 0, FIELD(json),
	  "of a FINDING with a schedule: the lanes around the swap that makes the difference" },
	{ "core", OPTION_TEXT, "NAME", 0, 0, 0, FIELD(core), "the MMU under test (the first one that is built in)" },
};

const struct option_table minimize_option_table = {
	.command = "mmutorture minimize",
	.summary =
		"the smallest program that shows the same finding (class and id) as FINDING.\n"
		"Of a FINDING with a schedule also the one swap of two neighbours that makes the difference.\n\n"
		"Exit code: 0 FINDING does not show it, and nothing is written; 1 it does, and the smallest program\n"
		"is in the output and on standard output; 2 usage; 3 the harness is wrong; 77 no such machine here.\n"
		"Ctrl-C ends it; the same command line goes on",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
	.words = "FINDING",
};

struct job {
	struct minimize_options options;
	const char *path;
	char output[PATH_MAX];
	bool resumed;
	bool scheduled; /* runs under schedules (minimize.h) */
	struct program original, best;
	struct trial trial;
	struct trial_target target;
	struct minimize_tally tally;
	uint64_t begin_ns, shown_ns;
	bool write_failed;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

/* -------------------------------------------------------------------------------------------------------- progress */

static void progress_line(struct job *job, bool last)
{
	if (!live_line_due(&job->shown_ns, last))
		return;
	printf("%s%4" PRIu64 " s  %-10s  operations %zu of %zu  threads %u  trials %" PRIu64 "  smaller %" PRIu64 "%s",
	       live_line_begin(), (now_ns() - job->begin_ns) / 1000000000, job->tally.pass, job->best.nr_ops,
	       job->original.nr_ops, program_threads(&job->best), job->tally.trials, job->tally.accepted,
	       live_line_end(last));
	fflush(stdout);
}

static void summary(struct job *job, bool complete)
{
	const struct trial *trial = &job->trial;
	double seconds = (double)(now_ns() - job->begin_ns) / 1e9;

	printf("%s: operations %zu -> %zu (%.1f times fewer), threads %u -> %u\n", job->target.name,
	       job->original.nr_ops, job->best.nr_ops,
	       (double)job->original.nr_ops / (double)(job->best.nr_ops ? job->best.nr_ops : 1),
	       program_threads(&job->original), program_threads(&job->best));
	printf("%" PRIu64 " trials (%" PRIu64 " runs, %" PRIu64 " made it smaller) in %.1f s, %.1f ms each\n",
	       job->tally.trials, trial->runs, job->tally.accepted, seconds,
	       seconds * 1e3 / (double)(job->tally.trials ? job->tally.trials : 1));
	if (trial->late)
		printf("%" PRIu64 " processes were ended at the limit of %" PRIu64 " s\n", trial->late,
		       job->options.limit);
	if (trial->broken)
		printf("%" PRIu64 " processes ended in an assertion of the harness\n", trial->broken);
	printf(complete ? "nothing smaller shows it; " : "not all was tried: the same command line goes on; ");
	printf("repeat: mmutorture %s %s%s", job->scheduled ? "replay" : "run", job->output,
	       job->options.threads ? " --threads" : "");
	if (job->options.times > 1)
		printf(" --times %" PRIu64, job->options.times);
	printf("\n\n");
	program_print(&job->best, stdout);
}

/* ----------------------------------------------------------------------------------------------------------- hooks */

static enum trial_answer ask(struct job *job, struct program *candidate, char *first)
{
	if (job->scheduled)
		return minimize_scheduled.ask(candidate, &job->target, first);
	return trial_ask(&job->trial, candidate, &job->target, first);
}

static bool shows(void *context, struct program *candidate)
{
	struct job *job = context;

	progress_line(job, false);
	return ask(job, candidate, NULL) == TRIAL_SHOWN;
}

static bool save(void *context, const struct program *best)
{
	struct job *job = context;

	job->write_failed = !program_save(job->output, best, true, stderr);
	return !job->write_failed;
}

static bool stop(void *context)
{
	const struct job *job = context;
	uint64_t seconds = job->options.seconds;

	return interrupted || (seconds && now_ns() - job->begin_ns >= seconds * 1000000000);
}

/* ----------------------------------------------------------------------------------------------------------- begin */

static bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool name_output(struct job *job)
{
	size_t length = strlen(job->path);
	int written;

	for (unsigned int i = 0; i < 2; i++) {
		const char *ending = i ? ".bin" : ".mmut";

		if (length > strlen(ending) && !strcmp(job->path + length - strlen(ending), ending))
			length -= strlen(ending);
	}
	if (job->options.output)
		written = snprintf(job->output, sizeof(job->output), "%s", job->options.output);
	else
		written = snprintf(job->output, sizeof(job->output), "%.*s" OUTPUT_SUFFIX, (int)length, job->path);
	if (written < (int)sizeof(job->output) && !same_file(job->path, job->output))
		return true;
	fprintf(stderr, "%s: --output: %s\n", minimize_option_table.command,
		written < (int)sizeof(job->output) ? "that is FINDING itself" : "that name is too long");
	return false;
}

/* From where to begin: the output if it is there, else FINDING. */
static bool load(struct job *job)
{
	if (!program_load(job->path, &job->original, stderr) || !name_output(job))
		return false;
	job->resumed = !access(job->output, F_OK);
	if (!job->resumed) {
		program_copy(&job->best, &job->original);
		return true;
	}
	if (!program_load(job->output, &job->best, stderr))
		return false;
	if (minimize_may_come_from(&job->best, &job->original))
		return true;
	fprintf(stderr, "%s: %s is there, and did not come of %s: name another --output\n",
		minimize_option_table.command, job->output, job->path);
	return false;
}

static void set_target(struct job *job)
{
	const char *name = job->options.finding ? job->options.finding : job->best.origin.finding;

	snprintf(job->target.name, sizeof(job->target.name), "%s", name);
}

/* None of the exit codes is true: as a process that does not catch the signal. */
static void end_unknown(const char *path)
{
	printf("ended before it was known whether %s shows it\n", path);
	fflush(stdout);
	signal(interrupted, SIG_DFL);
	raise(interrupted);
}

static int tell_not_shown(const struct job *job, const char *first)
{
	const char *path = job->resumed ? job->output : job->path;

	if (interrupted)
		end_unknown(path);
	if (job->trial.late)
		printf("%s takes longer than --limit %" PRIu64 "; as far as it came:\n", path, job->options.limit);
	if (*job->target.name)
		printf("%s does not show %s%s%s%s\n", path, job->target.name, *first ? ", but " : "", first,
		       job->resumed ? ": remove it, or name another --output" : "");
	else
		printf("%s shows no finding\n", path);
	return job->resumed ? EXIT_USAGE : EXIT_OK;
}

/* EXIT_FINDING: it shows the target, which is known from now on. */
static int first_trials(struct job *job)
{
	char first[TRIAL_NAME_MAX] = "";
	enum trial_answer answer;

	set_target(job);
	answer = ask(job, &job->best, first);
	if (answer == TRIAL_NO_SUCH_MACHINE) {
		printf("this core has no such machine, or no such VM: skipped\n");
		return EXIT_SKIPPED;
	}
	if (answer == TRIAL_BROKEN) {
		fprintf(stderr, "%s: %s ends in an assertion of the harness: mmutorture run shows it\n",
			minimize_option_table.command, job->path);
		return EXIT_HARNESS;
	}
	if (answer == TRIAL_NOT_SHOWN)
		return tell_not_shown(job, first);
	if (!*job->target.name)
		snprintf(job->target.name, sizeof(job->target.name), "%s", first);
	job->target.first = !strcmp(job->target.name, first);
	return EXIT_FINDING;
}

static bool start_scheduled(struct job *job)
{
	int error = minimize_scheduled.start(job->trial.core, &job->best, job->trial.seed, job->options.schedules);

	if (error)
		fprintf(stderr, "%s: %s: the core does not start, or there is no such machine (error %d)\n",
			minimize_option_table.command, job->path, -error);
	return !error;
}

static bool begin(struct job *job)
{
	const struct minimize_options *options = &job->options;
	uint64_t own_seed;

	job->trial.core = machine_find_core(options->core, minimize_option_table.command);
	if (!job->trial.core || !load(job))
		return false;
	job->scheduled = job->best.schedule_bytes;
	own_seed = job->best.origin.seed ? job->best.origin.seed : 1;
	job->trial.seed = options->seed ? options->seed : own_seed;
	job->trial.threads = options->threads;
	job->trial.times = options->times;
	job->trial.least = options->least;
	job->trial.limit_ns = options->limit * 1000000000;
	job->trial.interrupted = &interrupted;
	if (job->scheduled)
		return start_scheduled(job);
	/* Once for all processes to come: the names of functions. */
	finding_set_run(&(struct finding_run){ .seed = job->trial.seed, .core = job->trial.core->name });
	return true;
}

/* ----------------------------------------------------------------------------------------------------- the command */

static int run_job(struct job *job)
{
	const struct minimize_hooks hooks = { .shows = shows, .better = save, .stop = stop, .context = job };
	bool complete;
	int result;

	printf("seed %" PRIu64 "\ncore %s (%s), flavour " MMUTORTURE_FLAVOUR ", %s -> %s%s\n", job->trial.seed,
	       job->trial.core->name, job->trial.core->version(), job->path, job->output,
	       job->resumed ? ", from which it goes on" : "");
	fflush(stdout);
	job->begin_ns = job->shown_ns = now_ns();
	result = first_trials(job);
	if (result != EXIT_FINDING)
		return result;
	origin_set(&job->best, job->trial.core, job->trial.seed, job->target.name);
	if (!save(job, &job->best))
		return EXIT_USAGE;
	complete = minimize(&hooks, &job->best, &job->tally);
	progress_line(job, true);
	summary(job, complete);
	if (job->scheduled && complete)
		job->write_failed |= !minimize_scheduled.tell(&job->best, &job->target, job->output, job->options.json);
	return job->write_failed ? EXIT_HARNESS : EXIT_FINDING;
}

static bool has_schedule(const char *path)
{
	FILE *nowhere = fopen("/dev/null", "w");
	struct program program;
	bool has = nowhere && program_load(path, &program, nowhere) && program.schedule_bytes;

	if (nowhere)
		fclose(nowhere);
	program_free(&program);
	return has;
}

int minimize_command(int argc, char *const argv[])
{
	const struct option_table *table = &minimize_option_table;
	int words, result;
	static struct job job;

	if (!command_begin(table, argc, argv, &job.options, &words, &result))
		return result;
	if (words != 1) {
		fprintf(stderr, "%s: which program?  %s FINDING [OPTION...]\n", table->command, table->command);
		return EXIT_USAGE;
	}
	if (job.options.least > job.options.times) {
		fprintf(stderr, "%s: --least: %" PRIu64 " of %" PRIu64 " runs (--times)\n", table->command,
			job.options.least, job.options.times);
		return EXIT_USAGE;
	}
	job.path = argv[0];
	if (minimize_scheduled.hand_over && has_schedule(job.path))
		return minimize_scheduled.hand_over(argc, argv);
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	result = EXIT_USAGE;
	if (begin(&job))
		result = run_job(&job);
	program_free(&job.original);
	program_free(&job.best);
	return result;
}
