// SPDX-License-Identifier: GPL-2.0-only
/* host_rcu_test.c - grace periods wait for readers of every kind, callbacks for grace periods. */
#include "host_check.h"

struct object {
	struct host_rcu_head head;
	uint32_t freed;
};

static uint32_t order_next;

static void free_object(struct host_rcu_head *head)
{
	CHECK(!strcmp(host_cpu_name(host_cpu_self()), "rcu"));
	set(&((struct object *)head)->freed, __atomic_add_fetch(&order_next, 1, __ATOMIC_SEQ_CST));
}

struct reader {
	void (*enter)(void), (*leave)(void);
	uint32_t inside, go;
};

static void read_until_told(void *argument)
{
	struct reader *reader = argument;

	reader->enter();
	CHECK(host_rcu_read_held());
	set(&reader->inside, 1);
	await(&reader->go, 1);
	reader->leave();
	CHECK(!host_rcu_read_held());
}

static struct host_lock lock;
static const struct host_lock_class spinning = { .name = "spinning" };

static void take_lock(void)
{
	host_lock_acquire(&lock, HOST_LOCK_SHARED, &lock, &spinning);
}

static void drop_lock(void)
{
	host_lock_release(&lock, HOST_LOCK_SHARED, &lock);
}

static void freed_when_it_leaves(struct object *object, struct reader *reader, struct host_thread *thread)
{
	CHECK(!get(&object->freed));
	set(&reader->go, 1);
	host_rcu_barrier();
	CHECK(get(&object->freed));
	host_thread_join(thread);
}

static void callback_waits_for(void (*enter)(void), void (*leave)(void))
{
	struct reader reader = { .enter = enter, .leave = leave };
	struct object object = { .freed = 0 };
	struct host_thread *thread = start("reader", read_until_told, &reader);

	await(&reader.inside, 1);
	host_rcu_call(&object.head, free_object);
	a_while();
	freed_when_it_leaves(&object, &reader, thread);
}

static void callback_waits_for_read_section(void)
{
	callback_waits_for(host_rcu_read_lock, host_rcu_read_unlock);
}

static void callback_waits_for_preemption(void)
{
	callback_waits_for(host_preempt_disable, host_preempt_enable);
}

static void callback_waits_for_interrupts(void)
{
	callback_waits_for(host_irq_disable, host_irq_enable);
}

static void callback_waits_for_spinlock(void)
{
	callback_waits_for(take_lock, drop_lock);
}

static void synchronize_in_thread(void *argument)
{
	host_rcu_synchronize();
	set(argument, 1);
}

static void synchronize_waits_for_reader(void)
{
	uint32_t over = 0;
	struct host_thread *thread;

	host_rcu_read_lock();
	host_rcu_read_lock();
	thread = start("synchronize", synchronize_in_thread, &over);
	a_while();
	host_rcu_read_unlock();
	CHECK(!get(&over));
	host_rcu_read_unlock();
	host_thread_join(thread);
	CHECK(get(&over));
}

/*
 * The kernel's xas_delete_node() queues the free before it unlinks, with a spinlock held: a reader that comes after the
 * call may still find the object, so the grace period may not begin before the lock is dropped.
 */
static void call_in_region_counts_from_its_end(void)
{
	struct reader reader = { .enter = host_rcu_read_lock, .leave = host_rcu_read_unlock };
	struct object object = { .freed = 0 };
	struct host_thread *thread;

	take_lock();
	host_rcu_call(&object.head, free_object);
	a_while();
	thread = start("late reader", read_until_told, &reader);
	await(&reader.inside, 1);
	drop_lock();
	a_while();
	freed_when_it_leaves(&object, &reader, thread);
}

static void callbacks_keep_their_order(void)
{
	static struct object objects[100];

	order_next = 0;
	for (int i = 0; i < 100; i++) {
		objects[i].freed = 0;
		host_preempt_disable();
		host_rcu_call(&objects[i].head, free_object);
		if (++i < 100) {
			objects[i].freed = 0;
			host_rcu_call(&objects[i].head, free_object);
		}
		host_preempt_enable();
	}
	host_rcu_barrier();
	for (uint32_t i = 0; i < 100; i++)
		CHECK(get(&objects[i].freed) == i + 1);
}

static struct object chained[2];

static void call_again(struct host_rcu_head *head)
{
	set(&((struct object *)head)->freed, 1);
	host_rcu_call(&chained[1].head, free_object);
}

static void callback_may_call(void)
{
	host_rcu_call(&chained[0].head, call_again);
	host_rcu_barrier();
	CHECK(get(&chained[0].freed));
	host_rcu_barrier();
	CHECK(get(&chained[1].freed));
}

static void sleeping_callback(struct host_rcu_head *head)
{
	host_may_sleep("a callback");
	(void)head;
}

static void callback_may_not_sleep(void)
{
	struct object object;

	host_rcu_call(&object.head, sleeping_callback);
	host_rcu_barrier();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "a callback may sleep");
}

static void synchronize_in_reader_is_found(void)
{
	host_rcu_read_lock();
	host_rcu_synchronize();
	host_rcu_read_unlock();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "waiting for an RCU grace period");
	host_irq_disable();
	host_rcu_barrier();
	host_irq_enable();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "waiting for RCU callbacks");
	host_rcu_read_unlock();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "ends that did not begin");
}

static void callbacks_can_be_late(void)
{
	struct host_config config = *host_configuration();
	struct object object = { .freed = 0 };
	uint64_t begin_ns, late_ns = 0;

	config.rcu_delay_us_max = 2000;
	host_configure(&config);
	for (int i = 0; i < 20; i++) {
		begin_ns = host_time_ns();
		host_rcu_call(&object.head, free_object);
		host_rcu_barrier();
		late_ns += host_time_ns() - begin_ns;
	}
	CHECK(late_ns > 20 * 100000);
	config.rcu_delay_us_max = 0;
	host_configure(&config);
}

int main(int argc, char **argv)
{
	bool mb = argc > 1 && !strcmp(argv[1], "mb");

	host_start(&(struct host_config){ .seed = 1, .rcu = mb ? HOST_RCU_MB : HOST_RCU_MEMB });
	RUN(callback_waits_for_read_section);
	RUN(callback_waits_for_preemption);
	RUN(callback_waits_for_interrupts);
	RUN(callback_waits_for_spinlock);
	RUN(synchronize_waits_for_reader);
	RUN(call_in_region_counts_from_its_end);
	RUN(callbacks_keep_their_order);
	RUN(callback_may_call);
	RUN(callbacks_can_be_late);
	CHECK(reports_total() == 0);
	RUN(callback_may_not_sleep);
	RUN(synchronize_in_reader_is_found);
	return 0;
}
