// SPDX-License-Identifier: GPL-2.0-only
/*
 * schedule_test.c - policies: each finds an update that gets lost, all that they did can be done again, what is tried
 * exhaustively is all there is, and who is held waits.
 */
#include <string.h>

#include "harness/finding/finding.h"
#include "harness/finding/symbols.h"
#include "harness/run/run.h"
#include "harness/schedule/compare.h"
#include "harness/schedule/schedule.h"
#include "host_child.h"

static struct schedule_record record;

static const struct policy_settings settings[POLICY_REPLAY] = {
	[POLICY_RANDOM] = { .one_in = 4 },
	[POLICY_PCT] = { .depth = 3 },
	[POLICY_EXHAUSTIVE] = { .preemptions = 2 },
};

/* --------------------------------------------------------------------------------------------------- what is run */

static uint32_t counter, words[4];
static uint64_t drawn[2];
static uint64_t order; /* of steps, by who did them */

static void increment(void *argument)
{
	uint32_t old;

	host_point(HOST_POINT_LOAD, &counter);
	old = counter;
	host_point(HOST_POINT_STORE, &counter);
	counter = old + 1;
	(void)argument;
}

static struct host_lock lock;

/* Of everything a bit: locks, waits, random values. */
static void work(void *argument)
{
	static const struct host_lock_class class = { .name = "mutex", .sleeps = true };
	unsigned int me = (unsigned int)(uintptr_t)argument;

	drawn[me] = host_random();
	for (unsigned int i = 0; i < 30; i++) {
		host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &class);
		host_point(HOST_POINT_STORE, &words[host_random() % 4]);
		host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
		if (i % 10 == 9)
			host_rcu_synchronize();
		host_point(HOST_POINT_LOAD, &words[i % 4]);
	}
}

struct thread {
	void (*function)(void *argument);
	unsigned int number;
	uint32_t *gate; /* all begin at once */
};

static void thread_main(void *argument)
{
	struct thread *thread = argument;

	while (!get(thread->gate)) {
		uint32_t key = host_event_key(thread->gate);

		if (!get(thread->gate))
			host_event_wait(thread->gate, key, 0);
	}
	thread->function((void *)(uintptr_t)thread->number);
}

/* False: the policy has nothing left to try. */
static bool run(struct schedule *schedule, void (*function)(void *argument), uint64_t number, uint64_t seed,
		struct host_trace *trace)
{
	struct host_thread *threads[2];
	struct thread thread[2];
	uint32_t gate = 0;

	if (!schedule_plan(schedule, number, seed))
		return false;
	counter = 0;
	order = 0;
	for (unsigned int i = 0; i < 2; i++) {
		thread[i] = (struct thread){ function, i, &gate };
		threads[i] = start(run_stream_name(i), thread_main, &thread[i]);
	}
	schedule_begin(schedule);
	set(&gate, 1);
	host_event_wake(&gate);
	for (unsigned int i = 0; i < 2; i++)
		host_thread_join(threads[i]);
	*trace = schedule_end(schedule);
	return true;
}

/* --------------------------------------------------------------------------------------------------------- replays */

/* Printed and parsed, as people mail it. */
static void through_text(struct program *program)
{
	struct program_error error;
	struct program parsed;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CHECK(program_print(program, stream) > 0 && !fclose(stream));
	CHECK(program_parse(text, size, &parsed, &error));
	CHECK(program_equal(program, &parsed));
	program_free(program);
	*program = parsed;
	free(text);
}

static size_t replay(const struct program *program, struct host_trace *trace)
{
	struct policy *policy = policy_create_replay(program);
	struct schedule schedule;
	struct decision missed;
	size_t misses;

	schedule_init(&schedule, policy, &(struct schedule_options){ 0 }, &record);
	CHECK(run(&schedule, work, 0, 0, trace));
	misses = policy_replay_missed(policy, &missed);
	schedule_free(&schedule);
	policy_destroy(policy);
	return misses;
}

static void what_was_decided_is_done_again(void)
{
	for (enum policy_kind kind = 0; kind < POLICY_REPLAY; kind++) {
		struct policy *policy = policy_create(kind, &settings[kind]);
		struct schedule schedule;
		uint64_t decisions = 0;

		schedule_init(&schedule, policy, &(struct schedule_options){ .site_cap = 8 }, &record);
		for (uint64_t i = 0; i < 50; i++) {
			struct host_trace first, again;
			uint64_t random[2];
			struct program program;

			CHECK(run(&schedule, work, i, 100 + i, &first));
			memcpy(random, drawn, sizeof(random));
			decisions += record.nr_decisions;
			program_init(&program);
			CHECK(schedule_keep(&record, &program));
			through_text(&program);
			CHECK(!replay(&program, &again));
			CHECK(first.hash == again.hash && first.points == again.points);
			CHECK(!memcmp(random, drawn, sizeof(random)));
			program_free(&program);
		}
		CHECK(decisions > 50);
		schedule_free(&schedule);
		policy_destroy(policy);
	}
	CHECK(reports_total() == 0);
}

/* What the others say still holds, and a thread draws the same values whoever runs beside it. */
static void a_decision_can_be_taken_away(void)
{
	struct policy *policy = policy_create(POLICY_RANDOM, &settings[POLICY_RANDOM]);
	struct host_trace first, other;
	struct schedule schedule;
	struct decision decisions[64];
	uint64_t random[2];
	size_t count, others = 0;

	schedule_init(&schedule, policy, &(struct schedule_options){ 0 }, &record);
	CHECK(run(&schedule, work, 0, 1, &first));
	memcpy(random, drawn, sizeof(random));
	count = record.nr_decisions < 64 ? record.nr_decisions : 64;
	CHECK(count > 10);
	memcpy(decisions, record.decisions, sizeof(decisions));
	for (size_t i = 0; i < count; i++) {
		struct decision left[64];
		struct program program;

		memcpy(left, decisions, i * sizeof(*left));
		memcpy(&left[i], &decisions[i + 1], (count - i - 1) * sizeof(*left));
		program_init(&program);
		CHECK(program_set_schedule(&program, 1, left, count - 1));
		replay(&program, &other);
		others += other.hash != first.hash;
		CHECK(!memcmp(random, drawn, sizeof(random)));
		/* Up to the one that is missing all is as it was. */
		for (size_t j = 0; j < i; j++)
			CHECK(!memcmp(&record.decisions[j], &decisions[j], sizeof(*decisions)));
		program_free(&program);
	}
	/* Some only say in which order CPUs see that they have to go on waiting. */
	CHECK(others > count / 2);
	schedule_free(&schedule);
	policy_destroy(policy);
}

static void what_cannot_be_followed_is_counted(void)
{
	static const struct decision decisions[] = {
		{ .from = 0, .to = 1, .step = 3 },
		{ .from = 0, .to = 5, .step = 7 }, /* there is no such CPU */
		{ .from = 1, .to = 0, .step = 1000000 }, /* so far it never comes */
	};
	struct policy *policy;
	struct program program;
	struct host_trace trace;
	struct schedule schedule;
	struct decision missed;

	program_init(&program);
	CHECK(program_set_schedule(&program, 0, decisions, 3));
	CHECK(replay(&program, &trace) == 2);
	policy = policy_create_replay(&program);
	schedule_init(&schedule, policy, &(struct schedule_options){ 0 }, &record);
	CHECK(run(&schedule, work, 0, 0, &trace));
	CHECK(policy_replay_missed(policy, &missed) == 2);
	CHECK(missed.from == 0 && missed.to == 5 && missed.step == 7);
	schedule_free(&schedule);
	policy_destroy(policy);
	program_free(&program);
}

/* ------------------------------------------------------------------------------------------------------------ holds */

/* Called as the functions of KVM that the events are about. */
static __attribute__((noinline)) void kvm_tdp_mmu_alloc_root(void)
{
	host_point(HOST_POINT_STORE, &words[0]);
	order = order * 10 + 1;
}

static __attribute__((noinline)) void make_small_spte(void)
{
	host_point(HOST_POINT_LOAD, &words[1]);
	order = order * 10 + 2;
}

static void make_or_split(void *argument)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (argument)
			make_small_spte();
		else
			kvm_tdp_mmu_alloc_root();
	}
}

static uint64_t order_under(const struct decision *holds, size_t count)
{
	struct schedule_options options = { 0 };
	struct policy *policy;
	struct program program;
	struct host_trace trace;
	struct schedule schedule;

	program_init(&program);
	CHECK(program_set_schedule(&program, 0, holds, count));
	through_text(&program);
	policy = policy_create_replay(&program);
	options.program = &program;
	schedule_init(&schedule, policy, &options, &record);
	CHECK(run(&schedule, make_or_split, 0, 0, &trace));
	schedule_free(&schedule);
	policy_destroy(policy);
	program_free(&program);
	return order;
}

#define HOLD(cpu, event, times, other, behind) \
	{ .hold = true, .from = cpu, .at = EVENT_##event, .nth = times, .to = other, .past = EVENT_##behind }

static void who_is_held_waits(void)
{
	static const struct decision holds[] = {
		HOLD(0, ROOT_MADE, 0, 1, PAGE_SPLIT),
		HOLD(1, PAGE_SPLIT, 1, 0, ROOT_MADE),
	};
	static const struct decision each_other[] = {
		HOLD(0, ROOT_MADE, 0, 1, PAGE_SPLIT),
		HOLD(1, PAGE_SPLIT, 0, 0, ROOT_MADE),
	};
	static const struct decision never[] = { HOLD(0, ROOT_MADE, 1, 1, SLOTS_SWAPPED) };

	CHECK(order_under(NULL, 0) == 1122);
	CHECK(order_under(holds, 1) == 2211);
	CHECK(order_under(holds, 2) == 2112);
	CHECK(order_under(each_other, 2) == 2112); /* the one that was held last goes on */
	CHECK(order_under(never, 1) == 1221);
}

static uint32_t unheard;

/* One is held; the other one does not end for so long that it is made to give way (STRETCH_STEPS). */
static void split_or_loop(void *argument)
{
	if (argument) {
		make_small_spte();
		return;
	}
	for (unsigned int i = 0; i < 3 * STRETCH_STEPS; i++)
		host_point(HOST_POINT_STORE, &unheard);
}

static void who_is_held_goes_on_when_others_give_way(void)
{
	static const struct decision never[] = { HOLD(1, PAGE_SPLIT, 0, 0, SLOTS_SWAPPED) };
	struct schedule_options options = { .site_cap = 1 };
	struct policy *policy = policy_create(POLICY_RANDOM, &settings[POLICY_RANDOM]);
	struct program program;
	struct host_trace trace;
	struct schedule schedule;

	program_init(&program);
	CHECK(program_set_schedule(&program, 0, never, 1));
	options.program = &program;
	schedule_init(&schedule, policy, &options, &record);
	CHECK(run(&schedule, split_or_loop, 0, 1, &trace));
	CHECK(order == 2);
	schedule_free(&schedule);
	policy_destroy(policy);
	program_free(&program);
}

/* --------------------------------------------------------------------------------------------------- what is found */

static void each_policy_finds_a_lost_update(void)
{
	for (enum policy_kind kind = 0; kind < POLICY_REPLAY; kind++) {
		struct policy *policy = policy_create(kind, &settings[kind]);
		unsigned int lost = 0, whole = 0;
		struct host_trace trace;
		struct schedule schedule;

		schedule_init(&schedule, policy, &(struct schedule_options){ .site_cap = 4 }, &record);
		for (uint64_t i = 0; i < 300 && run(&schedule, increment, i, i, &trace); i++) {
			lost += counter == 1;
			whole += counter == 2;
		}
		printf("policy %d: the update gets lost in %u runs of %u\n", kind, lost, lost + whole);
		CHECK(lost && whole);
		schedule_free(&schedule);
		policy_destroy(policy);
	}
}

/* -------------------------------------------------------------------------------------------------------- all of it */

static uint64_t seen[100000];

/* In which order threads do their steps, by the schedules that are tried; some differ in who waits when, only. */
static unsigned int orders(void (*function)(void *argument), unsigned int preemptions, unsigned int site_cap)
{
	const struct policy_settings bound = { .preemptions = preemptions };
	struct policy *policy = policy_create(POLICY_EXHAUSTIVE, &bound);
	struct host_trace trace;
	struct schedule schedule;
	unsigned int count = 0;

	schedule_init(&schedule, policy, &(struct schedule_options){ .site_cap = site_cap }, &record);
	for (unsigned int runs = 0; run(&schedule, function, runs, 0, &trace); runs++) {
		unsigned int i = 0;

		while (i < count && seen[i] != order)
			i++;
		CHECK(i < sizeof(seen) / sizeof(seen[0]));
		seen[i] = order;
		count += i == count;
	}
	schedule_free(&schedule);
	policy_destroy(policy);
	return count;
}

static void do_steps(unsigned int count, uintptr_t me)
{
	for (unsigned int i = 0; i < count; i++) {
		host_point(HOST_POINT_STORE, &words[me]);
		order = order * 31 + 1 + me;
	}
}

static void three_steps(void *argument)
{
	do_steps(3, (uintptr_t)argument);
}

static void loop(void *argument)
{
	do_steps(100, (uintptr_t)argument);
}

static void all_is_tried(void)
{
	unsigned int without = orders(three_steps, 0, 0), one = orders(three_steps, 1, 0),
		     all = orders(three_steps, 100, 0);

	printf("three steps in two threads: %u schedules without preemption, %u with one, %u in all\n", without, one,
	       all);
	CHECK(without == 2 && one == 6); /* the first one stops behind none to three of its steps */
	CHECK(all == 20); /* 6! / (3! 3!) orders of six steps */
}

static void a_loop_is_one_place_of_a_few_visits(void)
{
	unsigned int capped = orders(loop, 1, 4), uncapped = orders(loop, 1, 0);

	printf("a loop of 100 in two threads, one preemption: %u schedules at 4 visits, %u without a cap\n", capped,
	       uncapped);
	CHECK(capped < 20 && uncapped > 100);
}

/* ------------------------------------------------------------------------------------------------------------ ends */

static void runs_that_differ_are_told_where(void)
{
	static struct schedule_record other;
	struct policy *policy = policy_create(POLICY_RANDOM, &settings[POLICY_RANDOM]);
	struct host_trace trace;
	struct schedule schedule;
	char text[512];

	schedule_init(&schedule, policy, &(struct schedule_options){ 0 }, &record);
	CHECK(run(&schedule, work, 0, 1, &trace));
	memcpy(&other, &record, sizeof(other));
	CHECK(schedule_same(&other, &record, text, sizeof(text)));
	other.points[7].object++;
	CHECK(!schedule_same(&other, &record, text, sizeof(text)));
	CHECK(!strncmp(text, "point 7 was CPU ", 16) && strstr(text, "; then it is CPU "));
	other.points[7].object--;
	other.nr_points = 9;
	CHECK(!schedule_same(&other, &record, text, sizeof(text)));
	CHECK(!strncmp(text, "point 9 was not reached; then it is CPU ", 40));
	schedule_free(&schedule);
	policy_destroy(policy);
}

static struct host_lock one, two;
static uint32_t have_one, have_two;

static void wait_for_each_other(void *argument)
{
	static const struct host_lock_class classes[] = { { .name = "first" }, { .name = "second" } };
	bool first = !argument;

	host_lock_acquire(first ? &one : &two, HOST_LOCK_EXCLUSIVE, first ? &one : &two, &classes[!first]);
	set(first ? &have_one : &have_two, 1);
	await(first ? &have_two : &have_one, 1);
	host_lock_acquire(first ? &two : &one, HOST_LOCK_EXCLUSIVE, first ? &two : &one, &classes[first]);
	set(&have_one, 0); /* or this function would not be on the stack */
}

static void lock_crosswise(void)
{
	struct host_thread *thread;

	host_set_reporter(finding_core_report);
	finding_set_run(&(struct finding_run){ .scenario = "crosswise" });
	thread = start("a", wait_for_each_other, NULL);
	start("b", wait_for_each_other, &one);
	host_thread_join(thread);
}

/* By what it is about, and with the stacks of all who take part. */
static void deadlock_is_a_finding(void)
{
	static char output[65536];
	const char *others;

	ends_the_process(lock_crosswise, output, sizeof(output));
	CHECK(strstr(output, "ASSERTION FAILED: stall: deadlock of first, second: no CPU can go on\n"));
	others = strstr(output, "stack of CPU ");
	CHECK(others && strstr(others, "wait_for_each_other"));
	CHECK(strstr(output, "stack of CPU 0 (main)") && strstr(others, "lock_crosswise"));
}

int main(void)
{
	RUN(deadlock_is_a_finding); /* in a child, which is made while there is no host yet */
	CHECK(!symbols_load()); /* events are known by functions' names */
	host_start(&(struct host_config){ .seed = 1 });
	RUN(what_was_decided_is_done_again);
	RUN(a_decision_can_be_taken_away);
	RUN(what_cannot_be_followed_is_counted);
	RUN(who_is_held_waits);
	RUN(who_is_held_goes_on_when_others_give_way);
	RUN(each_policy_finds_a_lost_update);
	RUN(all_is_tried);
	RUN(a_loop_is_one_place_of_a_few_visits);
	RUN(runs_that_differ_are_told_where);
	CHECK(reports_total() == 0);
	return 0;
}
