// SPDX-License-Identifier: GPL-2.0-only
/*
 * point.c - scheduling points: when somebody has to look at one, and what is seen then.
 *
 * A point that nobody looks at is a decrement.  Without a policy somebody looks when the running CPU has had its slice,
 * when a sleeper's time has come, and when a preemption is due (host_config.preempt_ppm); with one, at each point.
 */
#include "fibre.h"

#define SLICE_POINTS 4096 /* until a CPU that never waits gives way: others may wait for it to see something */
#define ALONE_POINTS 20000 /* the same under a policy that does not let go of it */
/*
 * Two that wait for a third in turns, without saying so, may have all of a policy's favour.  In long runs each CPU that
 * can run gets some points of its own from time to time, in the order of their numbers.
 */
#define FAIR_EVERY_POINTS 200000
#define FAIR_POINTS 2000

int64_t points_left;
const char *point_lock_name;

static int64_t points_given; /* what points_left was set to */
static uint64_t passed; /* when it was */

static uint64_t preempt_state, preempt_at;
static uint64_t trace_hash;
static bool limit_reported;
static uint64_t fair_at, fair_until; /* points of the run */
static unsigned int fair_last; /* the CPU that had them */

uint64_t points_passed(void)
{
	return passed + (uint64_t)(points_given - points_left);
}

static uint64_t points_until_look(void)
{
	uint64_t slice_end = scheduler.rotated_at + SLICE_POINTS;
	uint64_t next = preempt_at < slice_end ? preempt_at : slice_end;
	uint64_t until = next > passed ? next - passed : 1;

	if (scheduler.policy)
		return 1;
	if (scheduler.timed && schedule_points_until_deadline() < until)
		until = schedule_points_until_deadline();
	return until;
}

void points_look_again(void)
{
	passed = points_passed();
	points_given = 0; /* for whoever asks now */
	points_left = 0;
	points_given = (int64_t)points_until_look();
	points_left = points_given;
}

static void draw_preemption(void)
{
	uint64_t gap = random_gap(&preempt_state, host_settings.preempt_ppm);

	preempt_at = gap == UINT64_MAX ? gap : points_passed() + gap;
}

/* The knobs have changed. */
void points_arm(bool on)
{
	(void)on;
	preempt_state = random_seed(host_settings.seed, "preemption", 0);
	draw_preemption();
	points_look_again();
}

void backend_random_restart(struct host_cpu *cpu)
{
	(void)cpu;
}

void points_restart(void)
{
	passed = 0;
	points_given = points_left = 0;
	trace_hash = 0xcbf29ce484222325ULL;
	limit_reported = false;
	fair_at = FAIR_EVERY_POINTS;
	fair_until = 0;
	fair_last = 0;
	draw_preemption();
}

/* ----------------------------------------------------------------------------------------------------- what is seen */

struct host_choice points_choice(enum host_point_kind kind, const void *object, const void *site)
{
	return (struct host_choice){
		.enabled = scheduler.runnable,
		.running = this_cpu->number,
		.kind = kind,
		.object = scheduler.policy ? object_number(object) : 0,
		.lock = kind == HOST_POINT_LOCK ? point_lock_name : NULL,
		.site = site,
		.step = points_passed(),
		.own_step = this_cpu->backend.steps,
	};
}

/* FNV-1a over 64-bit words, with a shift so that high bits come down. */
static void trace_add(uint64_t word)
{
	trace_hash = (trace_hash ^ word) * 0x100000001b3ULL;
	trace_hash ^= trace_hash >> 29;
}

static void note_point(const struct host_choice *choice)
{
	const struct host_schedule *policy = scheduler.policy;

	this_cpu->backend.steps++;
	trace_add((uint64_t)choice->object << 16 | (uint64_t)choice->kind << 8 | choice->running);
	if (policy->passed)
		policy->passed(policy->context, choice);
	if (policy->points_max && choice->step > policy->points_max && !limit_reported) {
		limit_reported = true;
		host_report(HOST_REPORT_STALL, NULL, 0, "no progress: the run has not ended after %llu points",
			    (unsigned long long)policy->points_max);
	}
}

/*
 * A marked access is of memory that others can see, so whoever reaches it must have kept the page from being freed:
 * before a switch, and as well after it, when others have run between the point and the access.
 */
static void check_not_freed(enum host_point_kind kind, const void *object)
{
	uintptr_t in_arena = (uintptr_t)object - HOST_ARENA_BASE, in_map = (uintptr_t)object - HOST_VMEMMAP_BASE;

	if (kind > HOST_POINT_ATOMIC)
		return;
	if (unlikely(in_arena < HOST_ARENA_PAGES << MMU_PAGE_SHIFT)) {
		if (unlikely(host_page(in_arena >> MMU_PAGE_SHIFT)->kind == HOST_PAGE_FREE))
			host_report(HOST_REPORT_MEMORY, NULL, 0,
				    "a marked access to a page that has gone back; pfn %#lx",
				    in_arena >> MMU_PAGE_SHIFT);
	} else if (unlikely(in_map < HOST_ARENA_PAGES * HOST_VMEMMAP_STRIDE) && kind != HOST_POINT_LOAD) {
		if (unlikely(host_page(in_map / HOST_VMEMMAP_STRIDE)->kind == HOST_PAGE_FREE))
			host_report(HOST_REPORT_MEMORY, NULL, 0,
				    "what is known of a page changes after it has gone back; pfn %#lx",
				    in_map / HOST_VMEMMAP_STRIDE);
	}
}

static void be_fair(uint64_t step)
{
	struct host_cpu *next = schedule_after(&host_cpus[fair_last]);

	fair_last = next->number;
	fair_at = step + FAIR_EVERY_POINTS;
	fair_until = step + FAIR_POINTS;
	schedule_go(next);
}

/* Nobody else can see what is on a CPU's own stack, unless it has shown it to them: that is a point of theirs. */
static void point_under_policy(struct host_cpu *cpu, enum host_point_kind kind, const void *object, const void *site)
{
	struct host_choice choice;
	uint64_t enabled = scheduler.runnable;

	if (fibre_owns_address(cpu->backend.fibre, object))
		return;
	choice = points_choice(kind, object, site);
	note_point(&choice);
	check_not_freed(kind, object);
	if (enabled == cpu->backend.bit || cpu->backend.stays || choice.step < fair_until)
		return;
	if (unlikely(choice.step >= fair_at)) {
		be_fair(choice.step);
		check_not_freed(kind, object);
		return;
	}
	if (choice.step - scheduler.switched_at > ALONE_POINTS)
		enabled &= ~cpu->backend.bit;
	schedule_go(schedule_choose(&choice, enabled));
	check_not_freed(kind, object);
}

/* As a preempted thread: gone for a while, or only behind the others. */
static void preempt(struct host_cpu *cpu)
{
	uint64_t draw = random_next(&preempt_state);
	uint64_t others = scheduler.runnable & ~cpu->backend.bit;

	draw_preemption();
	points_look_again();
	if (draw % 4 == 0) {
		sleep_ns(1 + (draw >> 8) % 50000);
		return;
	}
	for (uint64_t skip = others ? (draw >> 8) % (uint64_t)__builtin_popcountll(others) : 0; skip; skip--)
		others &= others - 1;
	if (others)
		schedule_go(&host_cpus[__builtin_ctzll(others)]);
}

static void point_without_policy(struct host_cpu *cpu)
{
	uint64_t now = points_passed();

	if (cpu->backend.stays)
		return;
	if (now >= preempt_at) {
		preempt(cpu);
	} else if (now >= scheduler.rotated_at + SLICE_POINTS) {
		scheduler.rotated_at = now;
		points_look_again();
		schedule_go(schedule_after(cpu));
	}
}

void point_reached(enum host_point_kind kind, const void *object, const void *site)
{
	struct host_cpu *cpu = this_cpu;

	points_look_again();
	if (unlikely(!cpu)) /* the kernel's start-up code, before there are CPUs */
		return;
	schedule_timers();
	if (scheduler.policy)
		point_under_policy(cpu, kind, object, site);
	else
		point_without_policy(cpu);
}

void host_point(enum host_point_kind kind, const void *object)
{
	point(kind, object);
}

void host_point_at(enum host_point_kind kind, const void *object, const void *site)
{
	point_at(kind, object, site);
}

struct host_trace host_schedule_trace(void)
{
	return (struct host_trace){
		.hash = trace_hash,
		.points = points_passed(),
		.switches = scheduler.switches,
	};
}
