// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress.h - `mmutorture stress`.
 */
#ifndef STRESS_STRESS_H
#define STRESS_STRESS_H

/* @argv[0] is the first option.  Returns an exit code (machine.h); after a finding threads may still be there. */
int stress_command(int argc, char *const argv[]);

#endif
