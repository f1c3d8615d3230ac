/* SPDX-License-Identifier: GPL-2.0-only */
/* schedules.h - what schedules.c runs: first() and second() of the litmus test that it is linked with (litmus.h). */
#ifndef TESTS_LITMUS_SCHEDULES_H
#define TESTS_LITMUS_SCHEDULES_H

void litmus_pair(void);

#endif
