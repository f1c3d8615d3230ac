// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_spans_test.c - which points begin what a CPU holds, and which end it.
 */
#include "check.h"
#include "cli/race_spans.h"
#include "harness/finding/symbols.h"

/* Sites are told apart by the functions that they lie in; these stand for the kernel's. */
__attribute__((noinline, used)) static void some_read_lock(void)
{
	__asm__ volatile("nop");
}

__attribute__((noinline, used)) static void some_read_unlock(void)
{
	__asm__ volatile("nop; nop");
}

static struct schedule_record record;
static struct race_span spans[RACE_SPANS_MAX];

static void pass(uint8_t cpu, uint8_t kind, uint32_t object, void (*site)(void))
{
	record.points[record.nr_points++] = (struct schedule_point){
		.cpu = cpu, .kind = kind, .object = object, .site = (uint32_t)(uintptr_t)site
	};
}

static void check_span(size_t index, uint8_t kind, uint32_t object, uint64_t begin, uint64_t end)
{
	CHECK(spans[index].kind == kind);
	CHECK(spans[index].object == object);
	CHECK(spans[index].begin == begin);
	CHECK(spans[index].end == end);
}

static void locks_of_one_cpu(void)
{
	record.nr_points = 0;
	pass(0, HOST_POINT_LOCK, 7, NULL);
	pass(1, HOST_POINT_LOCK, 8, NULL);
	pass(1, HOST_POINT_UNLOCK, 7, NULL); /* another CPU's reader of the same lock */
	pass(0, HOST_POINT_LOCK, 9, NULL);
	pass(0, HOST_POINT_UNLOCK, 7, NULL);
	CHECK(race_spans(&record, 0, 0, 4, spans) == 2);
	check_span(0, HOST_POINT_LOCK, 7, 0, 4);
	check_span(1, HOST_POINT_LOCK, 9, 3, RACE_SPAN_OPEN);
	CHECK(race_spans(&record, 1, 0, 4, spans) == 1);
	check_span(0, HOST_POINT_LOCK, 8, 1, RACE_SPAN_OPEN);
}

static void only_what_overlaps(void)
{
	record.nr_points = 0;
	pass(0, HOST_POINT_LOCK, 1, NULL);
	pass(0, HOST_POINT_LOCK, 2, NULL);
	pass(0, HOST_POINT_UNLOCK, 2, NULL);
	pass(0, HOST_POINT_LOAD, 3, NULL);
	pass(0, HOST_POINT_UNLOCK, 1, NULL);
	pass(0, HOST_POINT_LOCK, 2, NULL);
	CHECK(race_spans(&record, 0, 3, 4, spans) == 1);
	check_span(0, HOST_POINT_LOCK, 1, 0, 4);
}

static void sections_nest(void)
{
	record.nr_points = 0;
	pass(0, HOST_POINT_RCU, 0, some_read_lock);
	pass(0, HOST_POINT_SRCU, 5, some_read_lock);
	pass(0, HOST_POINT_RCU, 0, some_read_lock);
	pass(0, HOST_POINT_RCU, 0, locks_of_one_cpu); /* a grace period */
	pass(0, HOST_POINT_RCU, 0, some_read_unlock);
	pass(0, HOST_POINT_RCU, 0, some_read_unlock);
	pass(0, HOST_POINT_SRCU, 5, some_read_unlock);
	CHECK(race_spans(&record, 0, 0, 6, spans) == 3);
	check_span(0, HOST_POINT_RCU, 0, 0, 5);
	check_span(1, HOST_POINT_SRCU, 5, 1, 6);
	check_span(2, HOST_POINT_RCU, 0, 2, 4);
}

static void many_locks_before(void)
{
	record.nr_points = 0;
	for (unsigned int i = 0; i < 4 * RACE_SPANS_MAX; i++) {
		pass(0, HOST_POINT_LOCK, 1 + i, NULL);
		pass(0, HOST_POINT_UNLOCK, 1 + i, NULL);
	}
	pass(0, HOST_POINT_LOCK, 1, NULL);
	CHECK(race_spans(&record, 0, record.nr_points - 1, record.nr_points - 1, spans) == 1);
	check_span(0, HOST_POINT_LOCK, 1, record.nr_points - 1, RACE_SPAN_OPEN);
}

int main(void)
{
	CHECK(symbols_load() == 0);
	RUN(locks_of_one_cpu);
	RUN(only_what_overlaps);
	RUN(sections_nest);
	RUN(many_locks_before);
	return 0;
}
