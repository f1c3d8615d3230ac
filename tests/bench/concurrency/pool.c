// SPDX-License-Identifier: GPL-2.0-only
/*
 * pool.c - the threads of a program, and how a run ends.
 *
 * Threads are made once and sleep on their seats until the program starts them: that costs one scheduling point, as
 * pthread_create() does where a thread's start is a place to switch.  What a run changes is on the seats and in the
 * shared block, in memory that the snapshot brings back.
 */
#include "pool.h"

#include "harness/run/run.h"
#include "mmu_core/schedule.h"

struct seat {
	void (*function)(void *argument); /* NULL: sleeps */
	void *argument;
	bool started, over, leaves;
	struct host_thread *thread;
};

struct pool {
	const struct concurrent_program *program;
	void *shared;
	struct seat seat[HOST_CPUS_MAX];
};

static struct pool *pool;
static struct host_snapshot *snapshot;
static enum verdict verdict;

/* ---------------------------------------------------------------------------------------------------------- threads */

static void seat_main(void *argument)
{
	struct seat *seat = argument;

	for (;;) {
		uint32_t key = host_event_key(seat);

		if (seat->leaves)
			return;
		if (!seat->started || seat->over) {
			host_event_wait(seat, key, 0);
			continue;
		}
		seat->function(seat->argument);
		seat->over = true;
		host_event_wake(&seat->over);
	}
}

void thread_start(void (*function)(void *argument), void *argument)
{
	struct seat *seat = pool->seat;

	while (seat->started)
		seat++;
	HOST_ASSERT(seat->thread);
	seat->function = function;
	seat->argument = argument;
	seat->started = true;
	host_event_wake(seat);
}

void threads_join(void)
{
	for (struct seat *seat = pool->seat; seat->started; seat++) {
		for (;;) {
			uint32_t key = host_event_key(&seat->over);

			if (seat->over)
				break;
			host_event_wait(&seat->over, key, 0);
		}
	}
}

static const struct host_lock_class mutex_class = { .name = "mutex", .sleeps = true };

void mutex_lock(struct host_lock *mutex)
{
	host_lock_acquire(mutex, HOST_LOCK_EXCLUSIVE, mutex, &mutex_class);
}

void mutex_unlock(struct host_lock *mutex)
{
	host_lock_release(mutex, HOST_LOCK_EXCLUSIVE, mutex);
}

/* ------------------------------------------------------------------------------------------------------------- runs */

void pool_give_up(enum verdict why)
{
	verdict = why;
	host_attempt_abandon();
}

void bug(void)
{
	pool_give_up(VERDICT_BUG);
}

static void main_thread(void *unused)
{
	(void)unused;
	pool->program->main(pool->shared, pool->program->threads);
}

enum verdict pool_run(void)
{
	verdict = VERDICT_NO_BUG;
	host_attempt(main_thread, NULL);
	return verdict;
}

void pool_fresh(void)
{
	host_snapshot_restore(snapshot);
}

void pool_begin(const struct concurrent_program *program)
{
	pool = host_memory_alloc(sizeof(*pool));
	pool->program = program;
	pool->shared = host_memory_alloc(program->shared_bytes);
	for (unsigned int i = 0; i < program->threads; i++) {
		/* The first ones by names by which decisions know them. */
		const char *name = i < PROGRAM_THREADS_MAX ? run_stream_name(i) : "another";

		HOST_ASSERT(!host_cpu_spawn(name, seat_main, &pool->seat[i], &pool->seat[i].thread));
	}
	snapshot = host_snapshot_take();
	HOST_ASSERT(snapshot);
}

void pool_end(void)
{
	pool_fresh();
	for (struct seat *seat = pool->seat; seat->thread; seat++) {
		seat->leaves = true;
		host_event_wake(seat);
		host_thread_join(seat->thread);
	}
	host_memory_free(pool->shared);
	host_memory_free(pool);
	host_snapshot_free(snapshot);
}
