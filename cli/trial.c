// SPDX-License-Identifier: GPL-2.0-only
/*
 * trial.c - one program, in processes of its own.
 *
 * A process says on a pipe when a run begins, and every finding as it is made, in the words in which findings are
 * printed; the first line of each is what is read here.
 */
#include "cli/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/words.h"
#include "harness/finding/finding.h"
#include "harness/invariants/invariants.h"
#include "harness/run/boot.h"
#include "harness/run/run.h"

#define RUN_LINE "run"
#define NEW_PREFIX "ASSERTION FAILED: "
#define KNOWN_PREFIX "known: "

/* ----------------------------------------------------------------------------------------------------- the process */

static int run_program_times(const struct trial *trial, const struct program *program, uint64_t times, int out)
{
	const struct host_config host = { .seed = trial->seed };
	const struct run_options options = { .digest_every = 1 };
	struct mmu_core_config config;
	int error;

	program_machine(program, &config);
	error = core_boot(trial->core, &host, &config);
	if (!error)
		error = invariants_init(trial->core, &config);
	for (uint64_t i = 0; i < times && !error && !finding_any(); i++) {
		dprintf(out, RUN_LINE "\n");
		error = (trial->threads ? run_threads : run_program)(trial->core, &config, program, &options, NULL);
	}
	/* Data races are told when somebody asks. */
	finding_any();
	return !error ? EXIT_OK : error == -EINVAL || error == -EOPNOTSUPP ? EXIT_SKIPPED : EXIT_HARNESS;
}

static pid_t begin_process(const struct trial *trial, const struct program *program, uint64_t times, int *from)
{
	pid_t parent = getpid(), child;
	int ends[2];

	HOST_ASSERT(!pipe2(ends, O_CLOEXEC));
	child = fork();
	HOST_ASSERT(child >= 0);
	if (!child) {
		child_begin_quietly(parent);
		finding_set_printing(ends[1], UINT32_MAX);
		_exit(run_program_times(trial, program, times, ends[1]));
	}
	close(ends[1]);
	*from = ends[0];
	return child;
}

/* ---------------------------------------------------------------------------------------------------- what it says */

struct watch {
	const struct trial_target *target;
	char first[TRIAL_NAME_MAX];
	uint64_t runs;
	bool shown;
	bool decided; /* nothing that it says later counts */
	char line[512]; /* what has come of the line that is not over */
	size_t length;
};

/* @finding: "class: id", behind which @end begins. */
static void name_of(const char *finding, const char *end, char name[TRIAL_NAME_MAX])
{
	const char *id = strstr(finding, ": ");

	snprintf(name, TRIAL_NAME_MAX, "%.*s %.*s", (int)(id - finding), finding, (int)(end - id - 2), id + 2);
}

/* A program's origin keeps the beginning of a long name. */
static bool is_target(const struct trial_target *target, const char *name)
{
	size_t length = strlen(target->name);

	if (length == sizeof(((struct program_origin *)NULL)->finding) - 1)
		return !strncmp(target->name, name, length);
	return !strcmp(target->name, name);
}

static void see_new(struct watch *watch, const char *name)
{
	bool first = !*watch->first;

	if (first)
		snprintf(watch->first, sizeof(watch->first), "%s", name);
	watch->shown = !*watch->target->name || (is_target(watch->target, name) && (first || !watch->target->first));
	watch->decided = watch->shown || watch->target->first;
}

static void read_line(struct watch *watch)
{
	char name[TRIAL_NAME_MAX];
	const char *line = watch->line, *finding, *id, *end;

	if (!strcmp(line, RUN_LINE)) {
		watch->runs++;
	} else if (!strncmp(line, NEW_PREFIX, strlen(NEW_PREFIX)) && strstr(line + strlen(NEW_PREFIX), ": ")) {
		name_of(line + strlen(NEW_PREFIX), line + strlen(line), name);
		see_new(watch, name);
	} else if (!strncmp(line, KNOWN_PREFIX, strlen(KNOWN_PREFIX))) {
		finding = line + strlen(KNOWN_PREFIX);
		id = strstr(finding, ": ");
		end = id ? strstr(id + 2, ": ") : NULL;
		if (!end)
			return;
		name_of(finding, end, name);
		watch->shown = watch->decided = is_target(watch->target, name);
	}
}

static void read_bytes(struct watch *watch, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count && !watch->decided; i++) {
		if (bytes[i] != '\n') {
			if (watch->length < sizeof(watch->line) - 1)
				watch->line[watch->length++] = bytes[i];
			continue;
		}
		watch->line[watch->length] = 0;
		watch->length = 0;
		read_line(watch);
	}
}

/* Until it is decided, or over (true), or has taken too long, or somebody is tired of it (false). */
static bool listen_to(const struct trial *trial, int from, struct watch *watch)
{
	uint64_t end_ns = now_ns() + trial->limit_ns;
	char bytes[4096];

	while (!watch->decided && !*trial->interrupted) {
		struct pollfd ready = { .fd = from, .events = POLLIN };
		uint64_t now = now_ns();
		ssize_t count;

		if (now >= end_ns)
			return false;
		if (poll(&ready, 1, (int)((end_ns - now) / 1000000) + 1) <= 0)
			continue;
		count = read(from, bytes, sizeof(bytes));
		if (!count)
			return true;
		if (count > 0)
			read_bytes(watch, bytes, (size_t)count);
	}
	return watch->decided;
}

/* ------------------------------------------------------------------------------------------------------- the trial */

static enum trial_answer ask_process(struct trial *trial, const struct program *program, uint64_t times,
				     struct watch *watch)
{
	bool ended;
	pid_t child;
	int from, status;

	child = begin_process(trial, program, times, &from);
	ended = listen_to(trial, from, watch);
	/* It may be over long since: it is not waited for yet, so that its number is still its own. */
	if (!ended || watch->decided)
		kill(child, SIGKILL);
	close(from);
	while (waitpid(child, &status, 0) < 0)
		HOST_ASSERT(errno == EINTR);
	trial->processes++;
	trial->runs += watch->runs;
	if (watch->shown)
		return TRIAL_SHOWN;
	if (!ended) {
		trial->late += !*trial->interrupted;
		return TRIAL_NOT_SHOWN;
	}
	if (watch->decided || *watch->first || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK))
		return TRIAL_NOT_SHOWN;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED)
		return TRIAL_NO_SUCH_MACHINE;
	trial->broken++;
	return TRIAL_BROKEN;
}

enum trial_answer trial_ask(struct trial *trial, const struct program *program, const struct trial_target *target,
			    char first[TRIAL_NAME_MAX])
{
	enum trial_answer answer = TRIAL_NOT_SHOWN;
	uint64_t left = trial->times, shown = 0;

	while (left && shown < trial->least && left >= trial->least - shown && !*trial->interrupted) {
		struct watch watch = { .target = target };

		answer = ask_process(trial, program, left, &watch);
		if (first && !*first)
			snprintf(first, TRIAL_NAME_MAX, "%s", watch.first);
		if (answer == TRIAL_SHOWN)
			shown++;
		else if (answer != TRIAL_NOT_SHOWN || (!watch.decided && !*watch.first))
			break;
		left -= watch.runs && watch.runs < left ? watch.runs : left;
	}
	return shown >= trial->least ? TRIAL_SHOWN : answer == TRIAL_SHOWN ? TRIAL_NOT_SHOWN : answer;
}
