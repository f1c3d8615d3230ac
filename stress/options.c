// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - the table behind options.def, and which options do not go together.
 */
#include "stress/options.h"

#include "stress/scenario.h"

/* "faults|notifier|...": a '|' behind the last one does no harm. */
#define SCENARIO(name, vm_types, threads, guest, roles, summary) #name "|"
static const char scenario_choices[] =
#include "stress/scenarios.def"
	;
#undef SCENARIO
#define STRESS_SCENARIO_CHOICES scenario_choices

enum scenario_index {
#define SCENARIO(name, vm_types, threads, guest, roles, summary) SCENARIO_##name,
#include "stress/scenarios.def"
#undef SCENARIO
};

#define STRESS_SCENARIO_PRESET SCENARIO_everything

#define FIELD(field) offsetof(struct stress_options, field)

static const struct option_row rows[] = {
#define NUMBER(field, placeholder, number, least, most, text) \
	{ .name = #field,                                     \
	  .kind = OPTION_NUMBER,                              \
	  .value = placeholder,                               \
	  .preset = number,                                   \
	  .min = least,                                       \
	  .max = most,                                        \
	  .offset = FIELD(field),                             \
	  .help = text },
#define CHOICE(field, choices, index, text) \
	{ .name = #field,                   \
	  .kind = OPTION_CHOICE,            \
	  .value = choices,                 \
	  .preset = index,                  \
	  .offset = FIELD(field),           \
	  .help = text },
#define TEXT(field, placeholder, text) \
	{ .name = #field, .kind = OPTION_TEXT, .value = placeholder, .offset = FIELD(field), .help = text },
#define FLAG(field, text) { .name = #field, .kind = OPTION_FLAG, .offset = FIELD(field), .help = text },
#include "stress/options.def"
#undef NUMBER
#undef CHOICE
#undef TEXT
#undef FLAG
};

const struct option_table stress_option_table = {
	.command = "mmutorture stress",
	.summary = "torture an MMU core with concurrent threads and check all it does",
	.rows = rows,
	.nr_rows = sizeof(rows) / sizeof(rows[0]),
};

static bool check_together(const struct stress_options *options, FILE *errors)
{
	const struct scenario *scenario = &scenarios[options->scenario];
	bool wants_default = options->vm_type == STRESS_VM_DEFAULT;
	bool wants_protected = options->vm_type == STRESS_VM_PROTECTED;

	if ((wants_default && !(scenario->vm_types & SCENARIO_VM_DEFAULT)) ||
	    (wants_protected && !(scenario->vm_types & SCENARIO_VM_PROTECTED))) {
		fprintf(errors, "%s: --scenario %s has nothing to do on VMs of --vm-type %s: leave --vm-type away\n",
			stress_option_table.command, scenario->name, wants_default ? "default" : "protected");
		return false;
	}
	return true;
}

enum option_result stress_options_parse(int argc, char *const argv[], struct stress_options *options, FILE *errors)
{
	enum option_result result = option_parse(&stress_option_table, argc, argv, options, errors);

	if (result == OPTION_PARSED && !check_together(options, errors))
		return OPTION_BAD;
	return result;
}

void stress_options_draw(struct stress_options *options, uint64_t seed)
{
	uint64_t *const open[] = { &options->pml, &options->eager_split };
	/* Neighbouring seeds differ in the top bits of the product. */
	uint64_t bits = seed * 0x9e3779b97f4a7c15ULL;

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		if (*open[i] == STRESS_ANY)
			*open[i] = bits >> (63 - i) & 1 ? STRESS_ON : STRESS_OFF;
	}
}
