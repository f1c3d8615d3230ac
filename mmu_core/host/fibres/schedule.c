// SPDX-License-Identifier: GPL-2.0-only
/*
 * schedule.c - who runs next, what time it is, and what to do when nobody can run.
 *
 * A CPU sleeps on an address until somebody wakes that address or its time has come.  When all sleep and some have set
 * themselves a time, the clock jumps to the first of these; when none has, that is a deadlock.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fibre.h"

#define POINT_NS 50
#define YIELD_NS 1000
#define WATCH_NS 100000000
#define JUMPS_MAX 10000 /* in a row, in which nobody was woken but by the clock */

struct schedule_state scheduler = { .next_deadline_ns = UINT64_MAX };

static unsigned int jumps;
static uint64_t watch_ns; /* when waits are looked at next */

/* ------------------------------------------------------------------------------------------------------------- time */

uint64_t clock_ns(void)
{
	return points_passed() * POINT_NS + scheduler.skipped_ns;
}

uint64_t host_time_ns(void)
{
	return clock_ns();
}

uint64_t schedule_points_until_deadline(void)
{
	uint64_t now_ns = clock_ns();

	return scheduler.next_deadline_ns > now_ns ? (scheduler.next_deadline_ns - now_ns + POINT_NS - 1) / POINT_NS
						   : 1;
}

static void find_next_deadline(void)
{
	scheduler.next_deadline_ns = UINT64_MAX;
	for_each_cpu_of(cpu, scheduler.timed)
	{
		if (cpu->backend.deadline_ns < scheduler.next_deadline_ns)
			scheduler.next_deadline_ns = cpu->backend.deadline_ns;
	}
}

static void make_runnable(struct host_cpu *cpu)
{
	scheduler.runnable |= cpu->backend.bit;
	scheduler.asleep &= ~cpu->backend.bit;
	scheduler.timed &= ~cpu->backend.bit;
	cpu->backend.waits_for = NULL;
}

void schedule_timers(void)
{
	uint64_t now_ns = clock_ns();

	if (unlikely(now_ns >= watch_ns)) {
		watch_ns = now_ns + WATCH_NS;
		stall_watch();
	}
	if (likely(now_ns < scheduler.next_deadline_ns))
		return;
	for_each_cpu_of(cpu, scheduler.timed)
	{
		if (cpu->backend.deadline_ns <= now_ns)
			make_runnable(cpu);
	}
	find_next_deadline();
}

/* -------------------------------------------------------------------------------------------------------- switching */

void schedule_go(struct host_cpu *next)
{
	if (next == this_cpu)
		return;
	scheduler.switches++;
	scheduler.switched_at = points_passed();
	fibre_switch_to(next);
	attempt_end_if_abandoned();
	fibre_show_stack_if_asked();
}

struct host_cpu *schedule_after(const struct host_cpu *cpu)
{
	uint64_t above = scheduler.runnable & ~(cpu->backend.bit | (cpu->backend.bit - 1));

	return &host_cpus[__builtin_ctzll(above ? above : scheduler.runnable)];
}

struct host_cpu *schedule_choose(struct host_choice *choice, uint64_t enabled)
{
	const struct host_schedule *policy = scheduler.policy;
	unsigned int picked;

	if (!(enabled & (enabled - 1)) || !policy)
		return &host_cpus[__builtin_ctzll(enabled)];
	choice->enabled = enabled;
	picked = policy->pick(policy->context, choice);
	HOST_ASSERT(picked < HOST_CPUS_MAX && enabled >> picked & 1);
	return &host_cpus[picked];
}

/* --------------------------------------------------------------------------------------------------- nobody can run */

static void describe_sleepers(char *text, size_t bytes)
{
	size_t used = 0;

	*text = 0;
	for (unsigned int i = 0; i < HOST_CPUS_MAX && used < bytes - 1; i++) {
		const struct host_cpu *cpu = &host_cpus[i];
		char holds[240];

		if (!host_cpu_is_online(i) || !cpu->backend.waits_for)
			continue;
		if (held_describe(cpu, holds, sizeof(holds)))
			used += (size_t)snprintf(text + used, bytes - used, "; CPU %u (%s) %s", i, cpu->name, holds);
		else if (i == 0 || i > 2) /* 1 and 2, for callbacks, are idle */
			used += (size_t)snprintf(text + used, bytes - used, "; CPU %u (%s) waits for an event", i,
						 cpu->name);
	}
}

/*
 * What CPUs wait for that one of them has: " of a, b", by name, so that the same deadlock is called the same whoever
 * takes part in it.  Nothing: they wait to be woken.
 */
static void describe_cycle(char *text, size_t bytes)
{
	const char *last = "", *next;
	size_t used = 0;

	*text = 0;
	do {
		next = NULL;
		for (unsigned int i = 0; i < HOST_CPUS_MAX; i++) {
			const char *name = host_cpu_is_online(i) ? held_awaited(&host_cpus[i]) : NULL;

			if (name && strcmp(name, last) > 0 && (!next || strcmp(name, next) < 0))
				next = name;
		}
		if (next && used < bytes)
			used += (size_t)snprintf(text + used, bytes - used, "%s%s", used ? ", " : " of ", next);
		last = next;
	} while (next);
}

static void nobody_can_run(const char *but)
{
	const struct host_schedule *policy = scheduler.policy;
	char cycle[120], text[840];

	describe_cycle(cycle, sizeof(cycle));
	describe_sleepers(text, sizeof(text));
	host_report(HOST_REPORT_STALL, NULL, 0, "%s%s%s: no CPU can go on%s", *cycle ? "deadlock" : "lost wake-up",
		    cycle, but, text);
	if (policy && policy->stuck)
		policy->stuck(policy->context);
	fflush(stdout);
	_exit(1);
}

static void jump_to_next_deadline(void)
{
	if (!scheduler.timed)
		nobody_can_run("");
	if (++jumps > JUMPS_MAX)
		nobody_can_run(", but for CPUs that look from time to time");
	scheduler.skipped_ns += scheduler.next_deadline_ns - clock_ns();
	schedule_timers();
}

/* ------------------------------------------------------------------------------------------------- sleeping, waking */

/* The running CPU cannot go on: somebody else does, or it does itself when its time has come. */
static void give_up(enum host_point_kind kind, const void *object)
{
	struct host_choice choice = points_choice(kind, object, NULL);

	schedule_timers();
	while (!scheduler.runnable)
		jump_to_next_deadline();
	schedule_go(schedule_choose(&choice, scheduler.runnable));
}

void schedule_sleep(enum host_point_kind kind, const void *object, uint64_t timeout_ns)
{
	struct backend_cpu *cpu = &this_cpu->backend;

	scheduler.runnable &= ~cpu->bit;
	scheduler.asleep |= cpu->bit;
	cpu->waits_for = object;
	cpu->deadline_ns = 0;
	if (timeout_ns) {
		cpu->deadline_ns = clock_ns() + timeout_ns;
		scheduler.timed |= cpu->bit;
		if (cpu->deadline_ns < scheduler.next_deadline_ns)
			scheduler.next_deadline_ns = cpu->deadline_ns;
		points_look_again();
	}
	give_up(kind, object);
}

void schedule_wake(const void *object)
{
	for_each_cpu_of(cpu, scheduler.asleep)
	{
		if (cpu->backend.waits_for != object)
			continue;
		if (!cpu->backend.deadline_ns)
			jumps = 0;
		make_runnable(cpu);
	}
}

void schedule_start(struct host_cpu *cpu)
{
	scheduler.runnable |= cpu->backend.bit;
}

void schedule_exit(void)
{
	scheduler.runnable &= ~this_cpu->backend.bit;
	give_up(HOST_POINT_WAIT, NULL);
}

/* The others go first, if there are any. */
void thread_yield(void)
{
	struct host_cpu *cpu = this_cpu;
	struct host_choice choice;
	uint64_t others;

	scheduler.skipped_ns += YIELD_NS;
	scheduler.rotated_at = points_passed();
	points_look_again();
	schedule_timers();
	others = scheduler.runnable & ~cpu->backend.bit;
	if (!others || cpu->backend.stays)
		return;
	if (!scheduler.policy) {
		schedule_go(schedule_after(cpu));
		return;
	}
	choice = points_choice(HOST_POINT_RESCHED, NULL, __builtin_return_address(0));
	schedule_go(schedule_choose(&choice, others));
}

void switching_off(void)
{
	this_cpu->backend.stays++;
}

void switching_on(void)
{
	this_cpu->backend.stays--;
}

/* ------------------------------------------------------------------------------------------------------------- runs */

bool backend_random(uint64_t *value)
{
	const struct host_schedule *policy = scheduler.policy;

	if (likely(!policy || !policy->draw))
		return false;
	*value = policy->draw(policy->context);
	return true;
}

/* Time begins again, too; whoever sleeps sleeps as long as before. */
static void restart_clock(void)
{
	uint64_t now_ns = clock_ns();

	for_each_cpu_of(cpu, scheduler.timed) cpu->backend.deadline_ns -= now_ns;
	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++) {
		host_cpus[i].slice_start_ns = 0;
		host_cpus[i].resched_gap = 0;
		host_cpus[i].resched_due = false;
		host_cpus[i].backend.steps = 0;
	}
	points_restart();
	scheduler.skipped_ns = scheduler.switches = scheduler.switched_at = scheduler.rotated_at = 0;
	watch_ns = 0;
	find_next_deadline();
}

/* Whoever has something to do finishes it. */
void schedule_settle(void)
{
	scheduler.policy = NULL;
	while (scheduler.runnable != this_cpu->backend.bit)
		thread_yield();
}

void host_schedule_begin(const struct host_schedule *schedule)
{
	schedule_settle();
	arena_return_caches(); /* how full they are decides when a CPU takes the arena's lock */
	restart_clock();
	objects_restart();
	jumps = 0;
	scheduler.policy = schedule;
	points_look_again();
}
