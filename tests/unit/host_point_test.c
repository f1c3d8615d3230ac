// SPDX-License-Identifier: GPL-2.0-only
/* host_point_test.c - random streams, scheduling points, time slices and CPU numbers. */
#include "host_check.h"

static void draw(void *argument)
{
	uint64_t *drawn = argument;

	for (int i = 0; i < 8; i++)
		drawn[i] = host_random();
}

static void draw_in_thread(const char *name, uint64_t drawn[8])
{
	host_thread_join(start(name, draw, drawn));
}

static void configure(uint64_t seed, uint32_t preempt_ppm, uint32_t resched_ppm)
{
	struct host_config config = *host_configuration();

	config.seed = seed;
	config.preempt_ppm = preempt_ppm;
	config.resched_ppm = resched_ppm;
	host_configure(&config);
}

static void streams_follow_seed_and_name(void)
{
	uint64_t first[8], again[8], other[8], seeded[8];

	draw_in_thread("alpha", first);
	draw_in_thread("alpha", again);
	draw_in_thread("beta", other);
	CHECK(!memcmp(first, again, sizeof(first)));
	CHECK(memcmp(first, other, sizeof(first)));
	configure(2, 0, 0);
	draw_in_thread("alpha", seeded);
	CHECK(memcmp(first, seeded, sizeof(first)));
	configure(1, 0, 0);
	draw_in_thread("alpha", again);
	CHECK(!memcmp(first, again, sizeof(first)));
}

static void points_do_not_shift_the_stream(void)
{
	uint64_t before[8], after[8];

	configure(1, 500000, 0);
	draw(before);
	configure(1, 500000, 0);
	for (int i = 0; i < 100; i++)
		host_point(HOST_POINT_LOAD, before);
	draw(after);
	CHECK(!memcmp(before, after, sizeof(before)));
	configure(1, 0, 0);
}

static uint64_t time_of_points(void)
{
	uint64_t begin_ns = host_time_ns();

	for (int i = 0; i < 2000; i++)
		host_point(HOST_POINT_LOAD, NULL);
	return host_time_ns() - begin_ns;
}

static void points_preempt_when_asked(void)
{
	uint64_t quiet_ns = time_of_points(), torture_ns;

	configure(1, 1000000, 0);
	torture_ns = time_of_points();
	configure(1, 0, 0);
	CHECK(torture_ns > 5 * quiet_ns);
	CHECK(torture_ns > 5000000); /* a quarter of 2000 points sleeps 25 us on average */
}

static void resched_is_injected(void)
{
	unsigned int wanted = 0;

	host_yield();
	CHECK(!host_resched_wanted());
	configure(1, 0, 500000);
	for (int i = 0; i < 100; i++)
		wanted += host_resched_wanted();
	CHECK(wanted > 20 && wanted < 80);
	configure(1, 0, 0);
}

static void slice_ends(void)
{
	uint64_t begin_ns = host_time_ns();

	host_yield();
	while (!host_resched_wanted())
		CHECK(host_time_ns() - begin_ns < 1000000000);
	CHECK(host_resched_wanted());
	host_yield();
	CHECK(!host_resched_wanted());
}

static void note_cpu(void *argument)
{
	*(unsigned int *)argument = host_cpu_self();
	CHECK(host_cpu_is_online(host_cpu_self()));
	CHECK(!strcmp(host_cpu_name(host_cpu_self()), "noted"));
}

static unsigned int online_calls, offline_calls;

static void on_online(unsigned int cpu)
{
	CHECK(cpu == host_cpu_self());
	__atomic_add_fetch(&online_calls, 1, __ATOMIC_SEQ_CST);
}

static void on_offline(unsigned int cpu)
{
	CHECK(cpu == host_cpu_self());
	__atomic_add_fetch(&offline_calls, 1, __ATOMIC_SEQ_CST);
}

static void nothing(struct host_rcu_head *head)
{
	(void)head;
}

static void numbers_are_used_again(void)
{
	static const struct host_core_hooks hooks = { .cpu_online = on_online, .cpu_offline = on_offline };
	struct host_rcu_head head;
	unsigned int first = 0, second = 1;

	CHECK(host_cpu_self() == 0);
	host_set_core_hooks(&hooks);
	CHECK(online_calls == 1);
	host_thread_join(start("noted", note_cpu, &first));
	host_thread_join(start("noted", note_cpu, &second));
	CHECK(first && first == second);
	CHECK(!host_cpu_is_online(first));
	CHECK(online_calls >= 3 && offline_calls == 2);
	host_rcu_call(&head, nothing);
	host_rcu_barrier(); /* the CPU that ran it has come online, too */
	CHECK(online_calls >= 4);
	host_set_core_hooks(NULL);
}

static void wait_for_go(void *argument)
{
	await(argument, 1);
}

static void all_cpus_in_use(void)
{
	struct host_thread *threads[HOST_CPUS_MAX], *none;
	unsigned int count = 0;
	uint32_t go = 0;

	while (host_cpu_spawn("many", wait_for_go, &go, &threads[count]) == 0)
		count++;
	CHECK(count == HOST_CPUS_MAX - 3);
	CHECK(host_cpu_spawn("many", wait_for_go, &go, &none) < 0);
	set(&go, 1);
	while (count)
		host_thread_join(threads[--count]);
}

static struct host_lock leaked;

static void leave_things_behind(void *argument)
{
	static const struct host_lock_class class = { .name = "leaked", .sleeps = true };

	host_lock_acquire(&leaked, HOST_LOCK_EXCLUSIVE, &leaked, &class);
	(void)argument;
}

static void stay_in_region(void *argument)
{
	host_preempt_disable();
	host_rcu_read_lock();
	host_rcu_call(argument, nothing);
}

static void find_nothing_left(void *argument)
{
	CHECK(host_locks_held_count() == 0);
	CHECK(host_may_sleep("a new CPU"));
	(void)argument;
}

static void cpu_that_ends_with_a_lock_is_found(void)
{
	host_thread_join(start("careless", leave_things_behind, NULL));
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "careless ends and holds leaked");
	host_thread_join(start("next", find_nothing_left, NULL));
	CHECK(reports_total() == 0);
}

static void cpu_that_ends_in_a_region_is_found(void)
{
	struct host_rcu_head head;

	host_thread_join(start("careless", stay_in_region, &head));
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "careless ends inside a region");
	host_rcu_barrier(); /* neither the region nor its callback is left behind */
	host_thread_join(start("next", find_nothing_left, NULL));
	CHECK(reports_total() == 0);
}

static void same_report_comes_once(void)
{
	for (int i = 0; i < 3; i++)
		host_report(HOST_REPORT_WARN, "file.c", 7, "number %d", i);
	CHECK(reports(HOST_REPORT_WARN) == 1);
	host_report(HOST_REPORT_WARN, "file.c", 8, "elsewhere");
	host_report(HOST_REPORT_LOCKDEP, "file.c", 7, "another class");
	host_report(HOST_REPORT_WARN, NULL, 0, "no place");
	host_report(HOST_REPORT_WARN, NULL, 0, "no place");
	host_report(HOST_REPORT_WARN, NULL, 0, "no place, other text");
	CHECK(reports(HOST_REPORT_WARN) == 4 && reports(HOST_REPORT_LOCKDEP) == 1);
	reports_reset();
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(streams_follow_seed_and_name);
	RUN(points_do_not_shift_the_stream);
	RUN(points_preempt_when_asked);
	RUN(resched_is_injected);
	RUN(slice_ends);
	RUN(numbers_are_used_again);
	RUN(all_cpus_in_use);
	CHECK(reports_total() == 0);
	RUN(cpu_that_ends_with_a_lock_is_found);
	RUN(cpu_that_ends_in_a_region_is_found);
	RUN(same_report_comes_once);
	return 0;
}
