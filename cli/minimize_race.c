// SPDX-License-Identifier: GPL-2.0-only
/* minimize_race.c - candidates under schedules, and the swap that is left in the end (race.h). */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "cli/minimize.h"
#include "cli/race.h"
#include "cli/words.h"
#include "harness/finding/json_file.h"
#include "stress/machine.h"

static struct lab lab;
static uint8_t machine[PROGRAM_FIELDS_COUNT]; /* fields of the core that has been started */
static uint64_t search_schedules;

static int start(const struct mmu_core_ops *core, const struct program *program, uint64_t seed, uint64_t schedules)
{
	static const struct finding_run run = { .scenario = "minimize", .command_line = "mmutorture replay" };

	lab.core = core;
	lab.host = (struct host_config){ .seed = seed };
	search_schedules = schedules;
	memcpy(machine, program->field, sizeof(machine));
	program_machine(program, &lab.config);
	return lab_start(&lab, &run);
}

/* The core has been started on one machine; a candidate for another one cannot be asked about. */
static bool is_same_machine(const struct program *candidate)
{
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (program_field_rows[i].machine && candidate->field[i] != machine[i])
			return false;
	}
	return true;
}

static enum trial_answer ask(struct program *candidate, const struct trial_target *target, char first[TRIAL_NAME_MAX])
{
	const struct lab_outcome *outcome = &lab.again->outcome;
	int result;

	if (!is_same_machine(candidate))
		return TRIAL_NOT_SHOWN;
	result = lab_search(&lab, candidate, candidate->schedule_bytes ? search_schedules : 0, lab.host.seed);
	if (result == EXIT_SKIPPED)
		return TRIAL_NO_SUCH_MACHINE;
	if (first)
		snprintf(first, TRIAL_NAME_MAX, "%s", outcome->finding);
	if (!*outcome->finding || (*target->name && strcmp(outcome->finding, target->name)))
		return TRIAL_NOT_SHOWN;
	if (!schedule_keep(&lab.again->record, candidate))
		return TRIAL_NOT_SHOWN;
	return TRIAL_SHOWN;
}

static bool save_beside(const char *output, const char *what, const struct program *program, char *path)
{
	size_t length = strlen(output);

	if (length > 5 && !strcmp(output + length - 5, ".mmut"))
		length -= 5;
	snprintf(path, PATH_MAX, "%.*s.%s.mmut", (int)length, output, what);
	return program_save(path, program, true, stderr);
}

static bool write_json(const struct race *race, const char *path)
{
	int error = json_file_write(path, race_export(race, &lab.again->record));

	if (error)
		fprintf(stderr, "%s: %s\n", path, strerror(-error));
	return !error;
}

static bool tell(const struct program *best, const struct trial_target *target, const char *output, const char *json)
{
	char shows[PATH_MAX], passes[PATH_MAX];
	struct race race;
	bool written;

	if (!race_find(&lab, target->name, best, &race)) {
		printf("nothing is preempted: it takes no more than the order in which the threads begin\n");
		return true;
	}
	origin_set(&race.shows, lab.core, lab.host.seed, target->name);
	origin_set(&race.passes, lab.core, lab.host.seed, "");
	written = save_beside(output, "swap", &race.shows, shows) && save_beside(output, "twin", &race.passes, passes);
	putchar('\n');
	race_print(&race, &lab.again->record, stdout);
	printf("\n%" PRIu64 " trials; it is shown by %s, and not by %s\n", race.trials, shows, passes);
	if (written && json)
		written = write_json(&race, json);
	race_free(&race);
	return written;
}

const struct minimize_scheduled minimize_scheduled = { .start = start, .ask = ask, .tell = tell };
