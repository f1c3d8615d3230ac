/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host_check.h - what tests of the host share: a host, threads, and the reports that were made.
 *
 * Locking: reports are counted with atomics; @last_report is for the thread that provoked it.
 */
#ifndef TESTS_UNIT_HOST_CHECK_H
#define TESTS_UNIT_HOST_CHECK_H

#include <string.h>

#include "check.h"
#include "mmu_core/host.h"

static unsigned int report_counts[HOST_REPORT_STALL + 1];
static struct host_report last_report;

static inline void count_report(const struct host_report *report)
{
	last_report = *report;
	__atomic_add_fetch(&report_counts[report->class], 1, __ATOMIC_SEQ_CST);
}

static inline unsigned int reports(enum host_report_class class)
{
	return __atomic_load_n(&report_counts[class], __ATOMIC_SEQ_CST);
}

static inline unsigned int reports_total(void)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i <= HOST_REPORT_STALL; i++)
		total += reports((enum host_report_class)i);
	return total;
}

/* What was reported before is forgotten, so that the same complaint may come again. */
static inline void reports_reset(void)
{
	host_set_reporter(count_report);
	for (unsigned int i = 0; i <= HOST_REPORT_STALL; i++)
		__atomic_store_n(&report_counts[i], 0, __ATOMIC_SEQ_CST);
	last_report = (struct host_report){ 0 };
}

/* Exactly one report since reports_reset(), of @class, with @words in it. */
#define CHECK_REPORT(class_, words)                     \
	do {                                            \
		CHECK(reports_total() == 1);            \
		CHECK(last_report.class == (class_));   \
		CHECK(strstr(last_report.text, words)); \
		reports_reset();                        \
	} while (0)

static inline void host_start(const struct host_config *config)
{
	CHECK(host_init(config) == 0);
	reports_reset();
}

static inline void fail_allocations(uint32_t ppm)
{
	struct host_config config = *host_configuration();

	config.alloc_fail_ppm = ppm;
	host_configure(&config);
}

static inline struct host_thread *start(const char *name, void (*function)(void *argument), void *argument)
{
	struct host_thread *thread = NULL;

	CHECK(host_cpu_spawn(name, function, argument, &thread) == 0);
	return thread;
}

static inline void set(uint32_t *flag, uint32_t value)
{
	__atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static inline uint32_t get(const uint32_t *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static inline void await(const uint32_t *flag, uint32_t value)
{
	while (get(flag) != value)
		host_yield();
}

/* Long enough for another thread to do what it must not do. */
static inline void a_while(void)
{
	uint64_t end_ns = host_time_ns() + 20000000;

	while (host_time_ns() < end_ns)
		host_yield();
}

#endif
