// SPDX-License-Identifier: GPL-2.0-only
/* host_schedule_test.c - deterministic schedules: who runs, the same again for the same seed, and what is reported. */
#include "host_child.h"
#include "mmu_core/schedule.h"

static const struct host_lock_class first_class = { .name = "first" }, second_class = { .name = "second" },
				    mutex_class = { .name = "mutex", .sleeps = true };

/* --------------------------------------------------------------------------------------------------------- policies */

/* Goes to a random CPU at one point of @one_in. */
struct walk {
	uint64_t state;
	uint64_t one_in;
};

static uint64_t draw(struct walk *walk)
{
	walk->state = walk->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return walk->state >> 33;
}

static unsigned int walk_pick(void *context, const struct host_choice *choice)
{
	struct walk *walk = context;
	uint64_t enabled = choice->enabled;

	CHECK(enabled & (enabled - 1));
	if (enabled >> choice->running & 1 && draw(walk) % walk->one_in)
		return choice->running;
	for (uint64_t skip = draw(walk) % (uint64_t)__builtin_popcountll(enabled); skip; skip--)
		enabled &= enabled - 1;
	return (unsigned int)__builtin_ctzll(enabled);
}

static uint64_t walk_random(void *context)
{
	return draw(context);
}

/* --------------------------------------------------------------------------------------------------------- who runs */

static char story[64];

static void tell(char letter)
{
	size_t length = strlen(story);

	CHECK(length + 1 < sizeof(story));
	story[length] = letter;
	story[length + 1] = 0;
}

static void three_letters(void *argument)
{
	const char *letters = argument;

	for (int i = 0; i < 3; i++) {
		tell(letters[i]);
		host_point(HOST_POINT_LOAD, letters);
	}
	host_yield();
	tell(letters[3]);
}

static void runs_until_it_waits(void)
{
	struct host_thread *a, *b;

	*story = 0;
	a = start("a", three_letters, "abcd");
	b = start("b", three_letters, "efgh");
	host_thread_join(a);
	host_thread_join(b);
	CHECK(!strcmp(story, "abcdefgh")); /* the yield lets this CPU start b, which waits for that: then a goes on */
}

/* Others may be waiting for it to see something that it never looks at. */
static void endless_loop_gives_way(void)
{
	static uint32_t stop;
	struct host_thread *thread;

	stop = 0;
	thread = start("letters", three_letters, "abcd");
	while (!strchr(story, 'd'))
		host_point(HOST_POINT_LOAD, &stop);
	host_thread_join(thread);
}

/* ------------------------------------------------------------------------------------------------------ determinism */

static struct host_lock lock;
static uint64_t shared, *object;

static void work(void *argument)
{
	uint64_t me = (uint64_t)(uintptr_t)argument;

	for (int i = 0; i < 200; i++) {
		uint64_t *mine = host_alloc(16 + host_random() % 200, 0, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);

		host_point(HOST_POINT_STORE, mine);
		host_lock_acquire(&lock, i % 3 ? HOST_LOCK_SHARED : HOST_LOCK_EXCLUSIVE, &lock, &mutex_class);
		host_point(HOST_POINT_LOAD, object);
		shared = shared * 31 + me;
		host_lock_release(&lock, i % 3 ? HOST_LOCK_SHARED : HOST_LOCK_EXCLUSIVE, &lock);
		if (i % 50 == 7)
			host_rcu_synchronize();
		host_free(mine);
	}
}

static struct host_trace run_of(uint64_t seed, uint64_t *result)
{
	struct walk walk = { .state = seed, .one_in = 16 };
	const struct host_schedule schedule = { .pick = walk_pick, .draw = walk_random, .context = &walk };
	struct host_thread *threads[4];
	struct host_trace trace;
	uint64_t local = 0;

	object = &local; /* on a stack, but not on that of those who look at it */
	shared = seed;
	host_schedule_begin(&schedule);
	for (uintptr_t i = 0; i < 4; i++)
		threads[i] = start("worker", work, (void *)i);
	for (int i = 0; i < 4; i++)
		host_thread_join(threads[i]);
	trace = host_schedule_trace();
	host_schedule_begin(NULL);
	*result = shared;
	return trace;
}

static void same_seed_same_run(void)
{
	uint64_t one, again, other;
	struct host_trace first, second, third;
	void *hole = NULL;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		first = run_of(seed, &one);
		free(hole);
		hole = malloc(100 * seed); /* so that the heap is not the same */
		second = run_of(seed, &again);
		CHECK(first.hash == second.hash && first.points == second.points && first.switches == second.switches);
		CHECK(one == again);
		third = run_of(seed + 1000, &other);
		CHECK(first.hash != third.hash);
		CHECK(first.points > 4000 && first.switches > 100);
	}
	free(hole);
	CHECK(reports_total() == 0);
}

static unsigned int passed_points;

static void count_passed(void *context, const struct host_choice *point)
{
	CHECK(point->running == host_cpu_self());
	CHECK(point->object || point->kind == HOST_POINT_ALLOC || point->kind == HOST_POINT_RCU);
	passed_points++;
	(void)context;
}

static void policy_sees_every_point(void)
{
	struct walk walk = { .one_in = 1 };
	struct host_schedule schedule = { .pick = walk_pick, .passed = count_passed, .context = &walk };

	host_schedule_begin(&schedule);
	for (int i = 0; i < 10; i++)
		host_point(HOST_POINT_LOAD, &lock);
	host_point(HOST_POINT_LOAD, &walk); /* on the own stack: nobody else can see that */
	host_schedule_begin(NULL);
	CHECK(passed_points == 10);
}

static void time_is_virtual(void)
{
	uint64_t begin_ns;
	char nobody;

	host_schedule_begin(NULL);
	begin_ns = host_time_ns();
	CHECK(begin_ns < 100000);
	host_event_wait(&nobody, host_event_key(&nobody), 3600000000000); /* an hour */
	CHECK(host_time_ns() - begin_ns >= 3600000000000);
}

static void limit_of_points_is_reported(void)
{
	struct walk walk = { .one_in = 4 };
	struct host_schedule schedule = { .pick = walk_pick, .points_max = 100, .context = &walk };

	host_schedule_begin(&schedule);
	for (int i = 0; i < 200; i++)
		host_point(HOST_POINT_LOAD, &lock);
	host_schedule_begin(NULL);
	CHECK_REPORT(HOST_REPORT_STALL, "no progress");
}

static mmu_pfn_t freed_meanwhile;

static void free_page(void *argument)
{
	host_pages_free(freed_meanwhile, 0);
	(void)argument;
}

static unsigned int to_the_other(void *context, const struct host_choice *choice)
{
	(void)context;
	return (unsigned int)__builtin_ctzll(choice->enabled & ~(1ull << choice->running));
}

static void marked_access_to_a_freed_page_is_reported(void)
{
	const struct host_schedule schedule = { .pick = to_the_other };
	struct host_thread *thread;
	uint64_t *entry;

	freed_meanwhile = host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_NOFAIL);
	entry = host_pfn_to_va(freed_meanwhile);
	host_schedule_begin(&schedule);
	host_point(HOST_POINT_LOAD, entry);
	CHECK(reports_total() == 0);
	thread = start("frees", free_page, NULL);
	host_point(HOST_POINT_LOAD, entry); /* the other one runs between the point and what it stands for */
	CHECK_REPORT(HOST_REPORT_MEMORY, "a marked access to a page that has gone back");
	host_thread_join(thread);
	host_schedule_begin(NULL);
}

/* ---------------------------------------------------------------------------------------------------- grace periods */

static uint32_t reading, may_leave, over;

static void read_twice(void *argument)
{
	host_rcu_read_lock();
	set(&reading, 1);
	await(&may_leave, 1);
	host_rcu_read_unlock();
	host_rcu_read_lock(); /* again, before anybody else has run: another section, which nobody waits for */
	set(&reading, 2);
	await(&may_leave, 2);
	host_rcu_read_unlock();
	(void)argument;
}

static void synchronize(void *argument)
{
	host_rcu_synchronize();
	set(&over, 1);
	(void)argument;
}

static void grace_period_waits_for_the_sections_of_its_start(void)
{
	struct host_thread *reader = start("reader", read_twice, NULL), *writer;

	await(&reading, 1);
	writer = start("writer", synchronize, NULL);
	for (int i = 0; i < 10; i++)
		host_yield();
	CHECK(!get(&over));
	set(&may_leave, 1);
	await(&reading, 2);
	await(&over, 1);
	CHECK(get(&reading) == 2);
	set(&may_leave, 2);
	host_thread_join(writer);
	host_thread_join(reader);
}

static void lone_grace_period_needs_nobody(void)
{
	uint64_t switches = host_schedule_trace().switches;

	for (int i = 0; i < 100; i++)
		host_rcu_synchronize();
	CHECK(host_schedule_trace().switches == switches);
}

/* ----------------------------------------------------------------------------------------------------- stacks, ends */

static __attribute__((noinline)) void wait_deep_inside(uint32_t *flag)
{
	for (;;) {
		uint32_t key = host_event_key(flag);

		if (get(flag))
			return;
		host_event_wait(flag, key, 0);
	}
}

static void sleeper(void *argument)
{
	wait_deep_inside(argument);
}

static void stacks_of_sleepers_are_seen(void)
{
	uint32_t flag = 0;
	void *addresses[32];
	struct host_thread *thread = start("sleeper", sleeper, &flag);
	unsigned int count, cpu = 3, inside = 0;

	CHECK(!strcmp(host_cpu_name(cpu), "sleeper"));
	host_yield();
	count = host_schedule_stack(cpu, addresses, 32);
	for (unsigned int i = 0; i < count; i++)
		inside += (uintptr_t)addresses[i] - (uintptr_t)wait_deep_inside < 200;
	CHECK(count > 3 && inside);
	set(&flag, 1);
	host_event_wake(&flag);
	host_thread_join(thread);
}

static struct host_lock one, two;
static uint32_t have_one, have_two;

static void one_then_two(void *argument)
{
	host_lock_acquire(&one, HOST_LOCK_EXCLUSIVE, &one, &first_class);
	set(&have_one, 1);
	await(&have_two, 1);
	host_lock_acquire(&two, HOST_LOCK_EXCLUSIVE, &two, &second_class);
	(void)argument;
}

static void two_then_one(void *argument)
{
	host_lock_acquire(&two, HOST_LOCK_EXCLUSIVE, &two, &second_class);
	set(&have_two, 1);
	await(&have_one, 1);
	host_lock_acquire(&one, HOST_LOCK_EXCLUSIVE, &one, &first_class);
	(void)argument;
}

static void lock_crosswise(void)
{
	struct host_thread *a = start("a", one_then_two, NULL);

	start("b", two_then_one, NULL);
	host_thread_join(a);
}

static void deadlock_is_reported(void)
{
	static char output[65536];

	ends_the_process(lock_crosswise, output, sizeof(output));
	CHECK(strstr(output, "lock order: "));
	CHECK(strstr(output, "STALL on CPU"));
	CHECK(strstr(output, "deadlock of first, second: no CPU can go on"));
	CHECK(strstr(output, "CPU 0 (main) waits for an event"));
	CHECK(strstr(output, "CPU 3 (a) holds first("));
	CHECK(strstr(output, "waits in an exclusive lock for second("));
	CHECK(strstr(output, "which CPU 4 (b) holds"));
	CHECK(strstr(output, "CPU 4 (b) holds second("));
	CHECK(strstr(output, "which CPU 3 (a) holds"));
}

static struct host_srcu *domain;

static void read_and_lock(void *argument)
{
	int index = host_srcu_read_lock(domain);

	set(&have_one, 1);
	await(&have_two, 1);
	host_lock_acquire(&one, HOST_LOCK_EXCLUSIVE, &one, &mutex_class);
	host_srcu_read_unlock(domain, index);
	(void)argument;
}

static void lock_and_wait_for_readers(void)
{
	domain = host_srcu_create();
	start("reader", read_and_lock, NULL);
	host_lock_acquire(&one, HOST_LOCK_EXCLUSIVE, &one, &mutex_class);
	set(&have_two, 1);
	await(&have_one, 1);
	host_srcu_synchronize(domain);
}

static void read_section_that_blocks_its_grace_period_is_reported(void)
{
	static char output[65536];

	ends_the_process(lock_and_wait_for_readers, output, sizeof(output));
	CHECK(strstr(output, "deadlock of mutex, srcu"));
	CHECK(strstr(output, "CPU 0 (main) holds mutex("));
	CHECK(strstr(output, "waits in an SRCU grace period for srcu("));
	CHECK(strstr(output, "which CPU 3 (reader) shares"));
}

static void sleep_in_a_read_section(void)
{
	host_rcu_read_lock();
	host_lock_acquire(&one, HOST_LOCK_EXCLUSIVE, &one, &mutex_class);
	_exit(1);
}

static void read_section_that_may_sleep_is_reported(void)
{
	static char output[65536];

	ends_the_process(sleep_in_a_read_section, output, sizeof(output));
	CHECK(strstr(output, "may sleep, but the CPU is in an RCU read section"));
}

static void wait_for_nobody(void)
{
	char nobody;

	host_event_wait(&nobody, host_event_key(&nobody), 0);
}

static void lost_wake_up_is_reported(void)
{
	static char output[65536];

	ends_the_process(wait_for_nobody, output, sizeof(output));
	CHECK(strstr(output, "lost wake-up: no CPU can go on"));
	CHECK(strstr(output, "CPU 0 (main) waits for an event"));
}

static void look_again_and_again(void *argument)
{
	char nobody;

	for (;;)
		host_event_wait(&nobody, host_event_key(&nobody), 1000000000);
	(void)argument;
}

static void wait_beside_a_timer(void)
{
	start("timer", look_again_and_again, NULL);
	wait_for_nobody();
}

static void timers_do_not_hide_a_lost_wake_up(void)
{
	static char output[65536];

	ends_the_process(wait_beside_a_timer, output, sizeof(output));
	CHECK(strstr(output, "lost wake-up, but for CPUs that look from time to time"));
}

int main(void)
{
	RUN(deadlock_is_reported); /* children are made while there is no host yet */
	RUN(read_section_that_blocks_its_grace_period_is_reported);
	RUN(read_section_that_may_sleep_is_reported);
	RUN(lost_wake_up_is_reported);
	RUN(timers_do_not_hide_a_lost_wake_up);
	host_start(&(struct host_config){ .seed = 1 });
	RUN(runs_until_it_waits);
	RUN(endless_loop_gives_way);
	RUN(same_seed_same_run);
	RUN(policy_sees_every_point);
	RUN(time_is_virtual);
	CHECK(reports_total() == 0);
	RUN(limit_of_points_is_reported);
	RUN(marked_access_to_a_freed_page_is_reported);
	RUN(grace_period_waits_for_the_sections_of_its_start);
	RUN(lone_grace_period_needs_nobody);
	RUN(stacks_of_sleepers_are_seen);
	CHECK(reports_total() == 0);
	return 0;
}
