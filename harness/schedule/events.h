/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.h - which events (harness/program/events.def) a point stands for, by the name of the function that it is in.
 */
#ifndef HARNESS_SCHEDULE_EVENTS_H
#define HARNESS_SCHEDULE_EVENTS_H

#include "harness/program/decisions.h"
#include "mmu_core/schedule.h"

uint64_t events_of(const struct host_choice *point); /* a bit each */

#endif
