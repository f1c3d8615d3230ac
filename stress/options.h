// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.h - what `mmutorture stress` was asked to do.
 */
#ifndef STRESS_OPTIONS_H
#define STRESS_OPTIONS_H

#include "stress/option_parser.h"

/* One field a row of options.def. */
struct stress_options {
#define NUMBER(name, value, preset, min, max, help) uint64_t name;
#define CHOICE(name, choices, preset, help) uint64_t name;
#define TEXT(name, value, help) const char *name;
#define FLAG(name, help) bool name;
#include "stress/options.def"
#undef NUMBER
#undef CHOICE
#undef TEXT
#undef FLAG
};

/* The order of the choices in options.def. */
enum stress_switch {
	STRESS_ON,
	STRESS_OFF,
	STRESS_ANY,
};
enum stress_vm_type {
	STRESS_VM_BOTH,
	STRESS_VM_DEFAULT,
	STRESS_VM_PROTECTED
};
enum stress_dirty {
	STRESS_DIRTY_ANY,
	STRESS_DIRTY_BITMAP,
	STRESS_DIRTY_MANUAL,
	STRESS_DIRTY_INITSET,
	STRESS_DIRTY_RING,
	STRESS_DIRTY_KINDS,
};

extern const struct option_table stress_option_table;

/* Parses and checks that the options go together; OPTION_BAD has written its line to @errors. */
enum option_result stress_options_parse(int argc, char *const argv[], struct stress_options *options, FILE *errors);

/* Decides by @seed what was left open for the whole process. */
void stress_options_draw(struct stress_options *options, uint64_t seed);

#endif
