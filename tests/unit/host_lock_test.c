// SPDX-License-Identifier: GPL-2.0-only
/* host_lock_test.c - locks of the host exclude, are fair, and complain. */
#include "host_check.h"

#define THREADS 4

static const struct host_lock_class spinning = { .name = "spinning" };
static const struct host_lock_class sleeping = { .name = "sleeping", .sleeps = true };

static void take(struct host_lock *lock, const struct host_lock_class *class)
{
	host_lock_acquire(lock, HOST_LOCK_EXCLUSIVE, lock, class);
}

static void drop(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_EXCLUSIVE, lock);
}

/* -------------------------------------------------------------------------------------------------------- exclusion */

static struct host_lock contended;
static const struct host_lock_class *contended_class;
static long counter;
static uint32_t readers_inside, most_readers, writer_inside;

static void add_and_read(void *argument)
{
	for (int i = 0; i < 5000; i++) {
		host_lock_acquire(&contended, HOST_LOCK_EXCLUSIVE, &contended, contended_class);
		CHECK(!__atomic_exchange_n(&writer_inside, 1, __ATOMIC_RELAXED));
		host_point(HOST_POINT_LOAD, &contended);
		CHECK(!get(&readers_inside));
		counter++;
		__atomic_store_n(&writer_inside, 0, __ATOMIC_RELAXED);
		host_lock_release(&contended, HOST_LOCK_EXCLUSIVE, &contended);

		host_lock_acquire(&contended, HOST_LOCK_SHARED, &contended, contended_class);
		__atomic_add_fetch(&readers_inside, 1, __ATOMIC_SEQ_CST);
		host_point(HOST_POINT_LOAD, &contended);
		CHECK(!get(&writer_inside));
		__atomic_sub_fetch(&readers_inside, 1, __ATOMIC_SEQ_CST);
		host_lock_release(&contended, HOST_LOCK_SHARED, &contended);
	}
	(void)argument;
}

static void exclusion(const struct host_lock_class *class)
{
	struct host_config config = *host_configuration();
	struct host_thread *threads[THREADS];

	config.preempt_ppm = 20000; /* inside the sections, too */
	host_configure(&config);
	contended_class = class;
	counter = 0;
	for (int i = 0; i < THREADS; i++)
		threads[i] = start("exclusion", add_and_read, NULL);
	for (int i = 0; i < THREADS; i++)
		host_thread_join(threads[i]);
	config.preempt_ppm = 0;
	host_configure(&config);
	CHECK(counter == THREADS * 5000);
	CHECK(!host_lock_is_locked(&contended, HOST_LOCK_SHARED));
	CHECK(!host_lock_contended(&contended));
	CHECK(reports_total() == 0);
}

static void spinning_locks_exclude(void)
{
	exclusion(&spinning);
}

static void sleeping_locks_exclude(void)
{
	exclusion(&sleeping);
}

static void read_and_wait(void *argument)
{
	host_lock_acquire(&contended, HOST_LOCK_SHARED, &contended, &sleeping);
	__atomic_add_fetch(&most_readers, 1, __ATOMIC_SEQ_CST);
	await(&most_readers, THREADS);
	host_lock_release(&contended, HOST_LOCK_SHARED, &contended);
	(void)argument;
}

static void readers_share(void)
{
	struct host_thread *threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		threads[i] = start("reader", read_and_wait, NULL);
	for (int i = 0; i < THREADS; i++)
		host_thread_join(threads[i]);
}

/* --------------------------------------------------------------------------------------------------------- fairness */

static uint32_t stop, reads;

static void read_for_ever(void *argument)
{
	while (!get(&stop)) {
		host_lock_acquire(&contended, HOST_LOCK_SHARED, &contended, &spinning);
		__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
		host_lock_release(&contended, HOST_LOCK_SHARED, &contended);
	}
	(void)argument;
}

static void write_for_ever(void *argument)
{
	while (!get(&stop)) {
		take(&contended, &spinning);
		drop(&contended);
	}
	(void)argument;
}

static void writer_gets_past_readers(void)
{
	struct host_thread *threads[THREADS];

	set(&stop, 0);
	for (int i = 0; i < THREADS; i++)
		threads[i] = start("reader", read_for_ever, NULL);
	for (int i = 0; i < 100; i++) {
		take(&contended, &spinning);
		drop(&contended);
	}
	set(&stop, 1);
	for (int i = 0; i < THREADS; i++)
		host_thread_join(threads[i]);
}

static void readers_get_past_writers(void)
{
	struct host_thread *threads[THREADS];

	set(&stop, 0);
	for (int i = 0; i < THREADS; i++)
		threads[i] = start("writer", write_for_ever, NULL);
	for (int i = 0; i < 100; i++) {
		host_lock_acquire(&contended, HOST_LOCK_SHARED, &contended, &spinning);
		host_lock_release(&contended, HOST_LOCK_SHARED, &contended);
	}
	set(&stop, 1);
	for (int i = 0; i < THREADS; i++)
		host_thread_join(threads[i]);
}

/* ------------------------------------------------------------------------------------------------------------ state */

static void take_and_drop(void *argument)
{
	take(argument, &spinning);
	drop(argument);
}

static void waiters_are_seen(void)
{
	struct host_thread *thread;

	take(&contended, &spinning);
	CHECK(host_lock_is_locked(&contended, HOST_LOCK_EXCLUSIVE));
	CHECK(!host_lock_contended(&contended));
	thread = start("waiter", take_and_drop, &contended);
	while (!host_lock_contended(&contended))
		host_yield();
	drop(&contended);
	host_thread_join(thread);
	CHECK(!host_lock_contended(&contended));
}

static void held_knows_mode(void)
{
	int name;

	CHECK(!host_lock_held(&name, HOST_LOCK_SHARED));
	host_lock_acquire(&contended, HOST_LOCK_SHARED, &name, &sleeping);
	CHECK(host_lock_held(&name, HOST_LOCK_SHARED));
	CHECK(!host_lock_held(&name, HOST_LOCK_EXCLUSIVE));
	CHECK(host_lock_is_locked(&contended, HOST_LOCK_SHARED));
	CHECK(!host_lock_is_locked(&contended, HOST_LOCK_EXCLUSIVE));
	CHECK(host_locks_held_count() == 1);
	host_lock_release(&contended, HOST_LOCK_SHARED, &name);
	CHECK(host_locks_held_count() == 0);
}

static void try_fails_when_held(void)
{
	take(&contended, &spinning);
	CHECK(!host_lock_try(&contended, HOST_LOCK_SHARED, &counter, &spinning));
	CHECK(!host_lock_try(&contended, HOST_LOCK_EXCLUSIVE, &counter, &spinning));
	drop(&contended);
	CHECK(!host_rcu_read_held());
	CHECK(host_lock_try(&contended, HOST_LOCK_EXCLUSIVE, &contended, &spinning));
	CHECK(host_rcu_read_held());
	drop(&contended);
	CHECK(!host_rcu_read_held());
}

/* ------------------------------------------------------------------------------------------------------- complaints */

static void rank_is_checked(void)
{
	static const struct host_lock_class low = { .name = "low", .rank = 10 }, high = { .name = "high", .rank = 20 };
	struct host_lock a = { 0 }, b = { 0 };

	take(&a, &low);
	take(&b, &high);
	drop(&b);
	drop(&a);
	CHECK(reports_total() == 0);
	take(&b, &high);
	take(&a, &low);
	CHECK(reports(HOST_REPORT_LOCKDEP) == 2); /* the rank, and the order of classes */
	drop(&a);
	drop(&b);
	reports_reset();
}

static void inversion_is_found_without_ranks(void)
{
	static const struct host_lock_class first = { .name = "first" }, second = { .name = "second" },
					    third = { .name = "third" };
	struct host_lock a = { 0 }, b = { 0 }, c = { 0 };

	take(&a, &first);
	take(&b, &second);
	drop(&b);
	drop(&a);
	take(&b, &second);
	take(&c, &third);
	drop(&c);
	drop(&b);
	CHECK(reports_total() == 0);
	for (int i = 0; i < 3; i++) {
		take(&c, &third);
		take(&a, &first); /* a before b before c before a */
		drop(&a);
		drop(&c);
	}
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "first is taken while third is held");
}

static void sleep_in_atomic_is_found(void)
{
	struct host_lock spin = { 0 }, mutex = { 0 };

	take(&spin, &spinning);
	take(&mutex, &sleeping);
	drop(&mutex);
	drop(&spin);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "sleeping may sleep");
	host_preempt_disable();
	CHECK(!host_may_sleep("test"));
	host_preempt_enable();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "has preemption off");
	host_irq_disable();
	CHECK(!host_may_sleep("test"));
	host_irq_enable();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "has interrupts off");
	host_rcu_read_lock();
	CHECK(!host_may_sleep("test"));
	host_rcu_read_unlock();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "is in an RCU read section");
	CHECK(host_may_sleep("test"));
	CHECK(reports_total() == 0);
}

static void release_of_what_is_not_held_is_found(void)
{
	drop(&contended);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "released by a CPU that does not hold it");
	CHECK(!host_lock_is_locked(&contended, HOST_LOCK_SHARED));
	host_lock_acquire(&contended, HOST_LOCK_SHARED, &contended, &spinning);
	drop(&contended); /* held, but not like that */
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "does not hold it (exclusive)");
	host_lock_release(&contended, HOST_LOCK_SHARED, &contended);
}

extern uint64_t stall_limit_ns; /* mmu_core/host/stall.c */

static void wait_without_end_is_found(void)
{
	uint64_t limit_ns = stall_limit_ns;
	struct host_thread *thread;

	__atomic_store_n(&stall_limit_ns, 50000000, __ATOMIC_RELAXED);
	take(&contended, &spinning);
	thread = start("victim", take_and_drop, &contended);
	while (!reports(HOST_REPORT_STALL))
		host_yield();
	CHECK(strstr(last_report.text, "(victim) has waited"));
	CHECK(strstr(last_report.text, "(main) holds spinning"));
	drop(&contended);
	host_thread_join(thread);
	__atomic_store_n(&stall_limit_ns, limit_ns, __ATOMIC_RELAXED);
	reports_reset();
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(spinning_locks_exclude);
	RUN(sleeping_locks_exclude);
	RUN(readers_share);
	RUN(writer_gets_past_readers);
	RUN(readers_get_past_writers);
	RUN(waiters_are_seen);
	RUN(held_knows_mode);
	RUN(try_fails_when_held);
	RUN(rank_is_checked);
	RUN(inversion_is_found_without_ranks);
	RUN(sleep_in_atomic_is_found);
	RUN(release_of_what_is_not_held_is_found);
	RUN(wait_without_end_is_found);
	CHECK(host_locks_held_count() == 0);
	return 0;
}
