// SPDX-License-Identifier: GPL-2.0-only
/*
 * verdict.c - see verdict.h.
 *
 * A program that is kept for a bug of the core has to show it where the core's source has what does it, and nothing
 * else anywhere: neither a core that is mended nor a harness that has gone blind passes unnoticed.
 */
#include "cli/verdict.h"

#include <stdio.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/finding/known.h"

struct shown {
	const char *wanted;
	bool wanted_found, other_found;
};

static bool look(void *context, const struct finding *finding)
{
	struct shown *shown = context;
	char name[128];

	snprintf(name, sizeof(name), "%s %s", finding_class_name(finding->class), finding->id);
	if (!strncmp(name, shown->wanted, strlen(shown->wanted)))
		shown->wanted_found = true;
	else if (!finding->known)
		shown->other_found = true;
	return true;
}

static bool core_has_it(const struct program_expectation *expectation, const struct mmu_core_ops *core)
{
	return (!*expectation->core || !strcmp(expectation->core, core->name)) &&
	       (!*expectation->source || known_source_has(expectation->source, expectation->text));
}

enum exit_code verdict_of(const struct program *program, const struct mmu_core_ops *core)
{
	const struct program_expectation *expectation = &program->expectation;
	struct shown shown = { .wanted = expectation->finding };

	if (!*expectation->finding)
		return finding_any() ? EXIT_FINDING : EXIT_OK;
	finding_for_each(look, &shown);
	if (!core_has_it(expectation, core)) {
		printf("%s: this core's source does not have it\n", expectation->finding);
		return finding_any() || shown.wanted_found ? EXIT_FINDING : EXIT_OK;
	}
	if (shown.other_found)
		return EXIT_FINDING;
	if (shown.wanted_found) {
		printf("%s: shown, as it should be: %s has '%s'\n", expectation->finding, expectation->source,
		       expectation->text);
		return EXIT_OK;
	}
	printf("%s: not shown, though %s has '%s': it is mended in another place, or is not seen any more\n",
	       expectation->finding, expectation->source, expectation->text);
	return EXIT_HARNESS;
}
