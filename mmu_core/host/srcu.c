// SPDX-License-Identifier: GPL-2.0-only
/*
 * srcu.c - sleepable RCU, one domain an object (after the kernel's kernel/rcu/srcutree.c in idea, not in code).
 *
 * Readers count themselves in and out on one of two indices, how is the backend's business.  A grace period waits
 * until the idle index has no readers left, makes it the active one, and waits until the other has none left.  It is a
 * small state machine that whoever wants it to end pushes on, so callbacks need no thread a domain and no callback of
 * one domain waits for readers of another.
 * Locking: gp protects the state machine; callbacks is a lock-free list.
 */
#include <limits.h>
#include <string.h>

#include "cpu.h"

struct host_srcu {
	struct srcu_readers readers;
	uint32_t active; /* index that readers take now */
	uint32_t waiters; /* somebody wants to know when a reader leaves */
	uint32_t leaves; /* futex for them */

	struct inner_mutex gp;
	uint64_t completed, wanted; /* grace periods */
	enum {
		GP_IDLE,
		GP_FLIP,
		GP_DRAIN
	} state;

	struct host_rcu_head *callbacks; /* newest first */
	struct host_rcu_head *batch; /* of the worker, waits for batch_needs */
	uint64_t batch_needs;
	bool listed; /* under domains_mutex, as next */
	struct host_srcu *next;

	struct class_set taken_inside; /* lock classes that were taken in a read section */
	struct class_set held_outside; /* lock classes that were held while somebody waited for readers */
	bool order_reported;
};

static const struct host_lock_class srcu_class = { .name = "srcu", .sleeps = true };

static struct inner_mutex domains_mutex = INNER_MUTEX_INIT;
static struct host_srcu *domains; /* those with callbacks */

struct host_srcu *srcu_new(void)
{
	struct host_srcu *srcu = host_memory_alloc(sizeof(*srcu));

	inner_mutex_init(&srcu->gp);
	return srcu;
}

struct host_srcu *host_srcu_create(void)
{
	return inject_alloc_failure() ? NULL : srcu_new();
}

static bool is_listed(struct host_srcu *srcu)
{
	bool listed;

	inner_lock(&domains_mutex);
	listed = srcu->listed;
	inner_unlock(&domains_mutex);
	return listed;
}

void host_srcu_destroy(struct host_srcu *srcu)
{
	HOST_ASSERT(!srcu_readers_any(&srcu->readers, 0) && !srcu_readers_any(&srcu->readers, 1));
	while (is_listed(srcu)) /* the worker has run its callbacks, but not let go of it yet */
		sleep_ns(10000);
	inner_mutex_destroy(&srcu->gp);
	host_memory_free(srcu);
}

int host_srcu_read_lock(struct host_srcu *srcu)
{
	struct host_cpu *cpu = this_cpu;
	unsigned int index;

	point(HOST_POINT_SRCU, srcu);
	index = __atomic_load_n(&srcu->active, __ATOMIC_ACQUIRE);
	srcu_readers_enter(&srcu->readers, cpu->number, index);
	held_push(cpu, NULL, srcu, &srcu_class, 0, HOST_LOCK_SHARED);
	cpu->srcu_depth++;
	return (int)index;
}

void host_srcu_read_unlock(struct host_srcu *srcu, int index)
{
	struct host_cpu *cpu = this_cpu;
	struct held removed;

	point(HOST_POINT_SRCU, srcu);
	if (unlikely(!held_remove(cpu, NULL, srcu, HOST_LOCK_SHARED, &removed))) {
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "an SRCU read section ends that this CPU is not in");
		return;
	}
	cpu->srcu_depth--;
	srcu_readers_leave(&srcu->readers, cpu->number, (unsigned int)index);
	if (unlikely(__atomic_load_n(&srcu->waiters, __ATOMIC_SEQ_CST))) {
		__atomic_add_fetch(&srcu->leaves, 1, __ATOMIC_SEQ_CST);
		futex_wake(&srcu->leaves, INT_MAX, FUTEX_SIDE_ANY);
	}
	if (!SRCU_WORKER_LOOKS && unlikely(relaxed_load(&srcu->batch)))
		host_event_wake(&domains);
}

bool host_srcu_read_held(const struct host_srcu *srcu)
{
	const struct host_cpu *cpu = this_cpu;

	for (unsigned int i = 0; i < cpu->held_count; i++) {
		if (!cpu->held[i].lock && cpu->held[i].id == srcu)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------------- grace periods */

/* One that begins now or later.  One that is under way may have looked at some readers already. */
static uint64_t gp_snapshot(struct host_srcu *srcu)
{
	uint64_t needed;

	inner_lock(&srcu->gp);
	needed = srcu->completed + (srcu->state == GP_IDLE ? 1 : 2);
	if (srcu->wanted < needed)
		srcu->wanted = needed;
	inner_unlock(&srcu->gp);
	return needed;
}

/* Pushes the state machine as far as it goes without waiting; true when @needed grace periods are over. */
static bool gp_advance(struct host_srcu *srcu, uint64_t needed)
{
	bool over;

	inner_lock(&srcu->gp);
	for (;;) {
		unsigned int idle = srcu->active ^ 1;

		if (srcu->state == GP_IDLE) {
			if (srcu->completed >= srcu->wanted)
				break;
			srcu->state = GP_FLIP;
		}
		if (srcu_readers_any(&srcu->readers, idle))
			break;
		if (srcu->state == GP_FLIP) {
			__atomic_exchange_n(&srcu->active, idle, __ATOMIC_SEQ_CST);
			srcu->state = GP_DRAIN;
		} else {
			srcu->completed++;
			srcu->state = GP_IDLE;
		}
	}
	over = srcu->completed >= needed;
	inner_unlock(&srcu->gp);
	return over;
}

static void gp_wait(struct host_srcu *srcu, uint64_t needed)
{
	for (unsigned int tries = 0; !gp_advance(srcu, needed); tries++) {
		if (tries < SPINS / 2) {
			cpu_relax();
			continue;
		}
		uint32_t seen = __atomic_load_n(&srcu->leaves, __ATOMIC_SEQ_CST);

		__atomic_add_fetch(&srcu->waiters, 1, __ATOMIC_SEQ_CST);
		if (!gp_advance(srcu, needed)) /* a reader may have left before it could see the waiter */
			futex_wait(&srcu->leaves, seen, FUTEX_SIDE_ANY, 1000000);
		__atomic_sub_fetch(&srcu->waiters, 1, __ATOMIC_SEQ_CST);
	}
}

/* --------------------------------------------------------------------------------- order of locks and read sections */

/*
 * A lock that is held while readers are waited for may not be taken by a reader: it waits for the lock, whose holder
 * waits for it.
 */
static void order_check(struct host_srcu *srcu, unsigned int class_number)
{
	if (class_set_has(&srcu->taken_inside, class_number) && class_set_has(&srcu->held_outside, class_number) &&
	    !__atomic_exchange_n(&srcu->order_reported, true, __ATOMIC_RELAXED))
		host_report(HOST_REPORT_LOCKDEP, NULL, 0,
			    "lock order: %s is taken inside an SRCU read section, and held while its readers are "
			    "waited for",
			    class_name(class_number));
}

void srcu_note_lock_inside(struct host_cpu *cpu, unsigned int class_number)
{
	for (unsigned int i = 0; i < cpu->held_count; i++) {
		struct host_srcu *srcu = (struct host_srcu *)cpu->held[i].id;

		if (cpu->held[i].lock || class_set_has(&srcu->taken_inside, class_number))
			continue;
		class_set_add(&srcu->taken_inside, class_number);
		order_check(srcu, class_number);
	}
}

static void note_held_outside(struct host_srcu *srcu)
{
	const struct host_cpu *cpu = this_cpu;

	for (unsigned int i = 0; i < cpu->held_count; i++) {
		if (!cpu->held[i].lock)
			continue;
		class_set_add(&srcu->held_outside, cpu->held[i].class_number);
		order_check(srcu, cpu->held[i].class_number);
	}
}

static bool may_wait_for_readers(struct host_srcu *srcu, const char *what)
{
	note_held_outside(srcu);
	if (host_srcu_read_held(srcu)) {
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "%s inside a read section of the same domain", what);
		return false;
	}
	return host_may_sleep(what);
}

void host_srcu_synchronize(struct host_srcu *srcu)
{
	point(HOST_POINT_SRCU, srcu);
	if (!may_wait_for_readers(srcu, "waiting for an SRCU grace period"))
		return;
	wait_begin("an SRCU grace period", srcu);
	gp_wait(srcu, gp_snapshot(srcu));
	wait_end();
}

/* ------------------------------------------------------------------------------------------------------- callbacks */

void host_srcu_call(struct host_srcu *srcu, struct host_rcu_head *head, void (*function)(struct host_rcu_head *head))
{
	point(HOST_POINT_SRCU, srcu);
	head->function = function;
	callbacks_push(&srcu->callbacks, head, head);
	inner_lock(&domains_mutex);
	if (!srcu->listed) {
		srcu->listed = true;
		srcu->next = domains;
		domains = srcu;
	}
	inner_unlock(&domains_mutex);
	host_event_wake(&domains);
}

void host_srcu_barrier(struct host_srcu *srcu)
{
	struct callback_barrier barrier = { .done = 0 };

	if (!may_wait_for_readers(srcu, "waiting for SRCU callbacks"))
		return;
	host_srcu_call(srcu, &barrier.head, callback_barrier_reached);
	wait_begin("srcu_barrier", srcu);
	callback_barrier_wait(&barrier);
	wait_end();
}

/* True: has callbacks that still wait for readers. */
static bool domain_work(struct host_srcu *srcu)
{
	for (;;) {
		struct host_rcu_head *ready;

		if (!srcu->batch) {
			relaxed_store(&srcu->batch, callbacks_take(&srcu->callbacks));
			if (!srcu->batch)
				return false;
			srcu->batch_needs = gp_snapshot(srcu);
		}
		if (!gp_advance(srcu, srcu->batch_needs))
			return true;
		ready = srcu->batch;
		relaxed_store(&srcu->batch, NULL);
		callbacks_run(ready);
	}
}

/* One round over the domains that have callbacks; true: some still wait. */
bool srcu_run_callbacks(void)
{
	struct host_srcu **link, *srcu;
	bool waiting = false;

	inner_lock(&domains_mutex);
	for (link = &domains; (srcu = *link);) {
		bool busy;

		inner_unlock(&domains_mutex);
		busy = domain_work(srcu);
		inner_lock(&domains_mutex);
		waiting |= busy;
		/* New domains are put before the first one: look for the link again. */
		for (link = &domains; *link != srcu; link = &(*link)->next)
			;
		if (busy || __atomic_load_n(&srcu->callbacks, __ATOMIC_SEQ_CST)) {
			waiting = true;
			link = &srcu->next;
		} else {
			*link = srcu->next;
			srcu->listed = false;
		}
	}
	inner_unlock(&domains_mutex);
	return waiting;
}

uint32_t srcu_work_key(void)
{
	return host_event_key(&domains);
}

void srcu_work_await(uint32_t key, uint64_t timeout_ns)
{
	host_event_wait(&domains, key, timeout_ns);
}
