// SPDX-License-Identifier: GPL-2.0-only
/*
 * commands.h - the subcommands that live in cli/.  @argv[0] is the first option; each returns an exit code (machine.h).
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int list_command(int argc, char *const argv[]);
int bench_command(int argc, char *const argv[]);

#endif
