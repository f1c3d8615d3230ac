// SPDX-License-Identifier: GPL-2.0-only
/*
 * commands.h - the subcommands of mmutorture.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "stress/option_parser.h"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc,
		   char *const argv[]); /* argv[0] is the first word behind the command; an exit code (machine.h) */
	const struct option_table *options; /* NULL: it has none */
};

extern const struct command commands[];
extern const size_t nr_commands;

int run_command(int argc, char *const argv[]);
int minimize_command(int argc, char *const argv[]);
int explore_command(int argc, char *const argv[]);
int replay_command(int argc, char *const argv[]);
int diff_command(int argc, char *const argv[]);
int check_command(int argc, char *const argv[]);
int convert_command(int argc, char *const argv[]);
int generate_command(int argc, char *const argv[]);
int list_command(int argc, char *const argv[]);
int bench_command(int argc, char *const argv[]);
int findings_command(int argc, char *const argv[]);
int report_command(int argc, char *const argv[]);
int completion_command(int argc, char *const argv[]);

extern const struct option_table run_option_table;
extern const struct option_table minimize_option_table;
extern const struct option_table explore_option_table;
extern const struct option_table replay_option_table;
extern const struct option_table diff_option_table;
extern const struct option_table check_option_table;
extern const struct option_table convert_option_table;
extern const struct option_table generate_option_table;
extern const struct option_table bench_option_table;
extern const struct option_table completion_option_table;

#endif
