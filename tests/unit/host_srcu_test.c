// SPDX-License-Identifier: GPL-2.0-only
/* host_srcu_test.c - SRCU: domains do not know each other, grace periods wait for sleeping readers. */
#include "host_check.h"

static struct host_srcu *domain, *other;

struct object {
	struct host_rcu_head head;
	uint32_t freed;
};

static void free_object(struct host_rcu_head *head)
{
	set(&((struct object *)head)->freed, 1);
}

static void synchronize_in_thread(void *argument)
{
	host_srcu_synchronize(domain);
	set(argument, 1);
}

static void synchronize_waits_for_reader(void)
{
	uint32_t over = 0;
	struct host_thread *thread;
	int index = host_srcu_read_lock(domain), inner;

	CHECK(host_srcu_read_held(domain));
	CHECK(!host_srcu_read_held(other));
	CHECK(host_may_sleep("an SRCU reader"));
	CHECK(host_locks_held_count() == 0);
	thread = start("synchronize", synchronize_in_thread, &over);
	host_srcu_synchronize(other);
	a_while();
	inner = host_srcu_read_lock(domain); /* on the other index by now */
	host_srcu_read_unlock(domain, inner);
	a_while();
	CHECK(!get(&over));
	host_srcu_read_unlock(domain, index);
	host_thread_join(thread);
	CHECK(get(&over));
	CHECK(!host_srcu_read_held(domain));
}

static uint32_t stop;

static void read_for_ever(void *argument)
{
	int first = host_srcu_read_lock(domain);

	set(argument, 1);
	while (!get(&stop)) {
		int next = host_srcu_read_lock(domain); /* there is always one inside */

		host_srcu_read_unlock(domain, first);
		first = next;
	}
	host_srcu_read_unlock(domain, first);
}

static void new_readers_do_not_hold_it_up(void)
{
	uint32_t reading = 0;
	struct host_thread *thread = start("reader", read_for_ever, &reading);

	await(&reading, 1);
	for (int i = 0; i < 20; i++)
		host_srcu_synchronize(domain);
	set(&stop, 1);
	host_thread_join(thread);
}

static void callbacks_wait_for_their_domain(void)
{
	struct object mine = { .freed = 0 }, others = { .freed = 0 };
	int index = host_srcu_read_lock(domain);

	host_srcu_call(domain, &mine.head, free_object);
	host_srcu_call(other, &others.head, free_object);
	host_srcu_barrier(other);
	CHECK(get(&others.freed));
	CHECK(!get(&mine.freed));
	host_srcu_read_unlock(domain, index);
	host_srcu_barrier(domain);
	CHECK(get(&mine.freed));
}

static void synchronize_in_own_reader_is_found(void)
{
	int index = host_srcu_read_lock(domain);

	host_srcu_synchronize(other);
	CHECK(reports_total() == 0);
	host_srcu_synchronize(domain);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "inside a read section of the same domain");
	host_srcu_barrier(domain);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "inside a read section of the same domain");
	host_srcu_read_unlock(domain, index);
	host_srcu_read_unlock(domain, index);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "that this CPU is not in");
	host_rcu_read_lock();
	host_srcu_synchronize(domain);
	host_rcu_read_unlock();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "may sleep");
}

/* A reader that waits for a lock whose holder waits for readers (spec.md I-L3: slots_lock never inside SRCU). */
static void lock_inside_and_outside_is_found(void)
{
	static const struct host_lock_class mutex = { .name = "slots", .sleeps = true };
	struct host_lock lock = { 0 };
	int index;

	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &mutex);
	host_srcu_synchronize(domain);
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
	index = host_srcu_read_lock(other);
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &mutex);
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
	host_srcu_read_unlock(other, index);
	CHECK(reports_total() == 0);
	index = host_srcu_read_lock(domain);
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &mutex);
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
	host_srcu_read_unlock(domain, index);
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "slots");
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	domain = host_srcu_create();
	other = host_srcu_create();
	CHECK(domain && other);
	RUN(synchronize_waits_for_reader);
	RUN(new_readers_do_not_hold_it_up);
	RUN(callbacks_wait_for_their_domain);
	CHECK(reports_total() == 0);
	RUN(synchronize_in_own_reader_is_found);
	RUN(lock_inside_and_outside_is_found);
	host_srcu_destroy(domain);
	host_srcu_destroy(other);
	return 0;
}
