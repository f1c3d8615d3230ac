// SPDX-License-Identifier: GPL-2.0-only
/*
 * completion.c - `mmutorture completion`: what bash has to know of the command line, from the tables that parse it.
 *
 * To use it:  source <(mmutorture completion)
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/words.h"
#include "stress/machine.h"

const struct option_table completion_option_table = {
	.command = "mmutorture completion",
	.summary = "completion for bash: source <(mmutorture completion)",
};

/* "--name", with '-' for '_'. */
static void print_name(const char *name)
{
	fputs("--", stdout);
	for (; *name; name++)
		putchar(*name == '_' ? '-' : *name);
}

/* In which pattern of `case` the value of an option is completed, and by what; numbers are not. */
static void print_value(const struct command *command, const struct option_row *row)
{
	if (row->kind == OPTION_FLAG)
		return;
	printf("\t\"%s ", command->name);
	print_name(row->name);
	if (row->kind == OPTION_CHOICE) {
		fputs("\") words=\"", stdout);
		for (const char *c = row->value; *c; c++)
			putchar(*c == '|' ? ' ' : *c);
		fputs("\" ;;\n", stdout);
	} else if (row->kind == OPTION_TEXT && !strcmp(row->value, "FILE")) {
		fputs("\") files=1 ;;\n", stdout);
	} else {
		fputs("\") ;;\n", stdout);
	}
}

static void print_options(const struct command *command)
{
	printf("\t\"%s \"*) words=\"", command->name);
	for (size_t i = 0; command->options && i < command->options->nr_rows; i++) {
		print_name(command->options->rows[i].name);
		putchar(' ');
	}
	printf("--help\"%s ;;\n", command->options && command->options->words ? " files=1" : "");
}

static void print_completion(void)
{
	fputs("# bash completion of mmutorture; made by 'mmutorture completion'\n"
	      "_mmutorture()\n"
	      "{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} words= files=\n"
	      "\tlocal at=\"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}\"\n"
	      "\t[ \"$COMP_CWORD\" -gt 1 ] || at=\n"
	      "\tcase $at in\n"
	      "\t\"\") words=\"",
	      stdout);
	for (size_t i = 0; i < nr_commands; i++)
		printf("%s ", commands[i].name);
	fputs("--help\" ;;\n", stdout);
	for (size_t i = 0; i < nr_commands; i++) {
		for (size_t j = 0; commands[i].options && j < commands[i].options->nr_rows; j++)
			print_value(&commands[i], &commands[i].options->rows[j]);
	}
	for (size_t i = 0; i < nr_commands; i++)
		print_options(&commands[i]);
	fputs("\tesac\n"
	      "\tmapfile -t COMPREPLY < <(\n"
	      "\t\tcompgen -W \"$words\" -- \"$word\"\n"
	      "\t\t[ -z \"$files\" ] || compgen -f -- \"$word\"\n"
	      "\t)\n"
	      "}\n"
	      "complete -o filenames -F _mmutorture mmutorture\n",
	      stdout);
}

int completion_command(int argc, char *const argv[])
{
	int result;

	if (!command_begin(&completion_option_table, argc, argv, NULL, NULL, &result))
		return result;
	print_completion();
	return EXIT_OK;
}
