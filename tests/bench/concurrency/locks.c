// SPDX-License-Identifier: GPL-2.0-only
/* locks.c - programs that take the wrong locks, none, or the right ones in the wrong order. */
#include "shared.h"

/* --------------------------------------------------------------------------------------------- wronglock, rightlock */

static void check_under_lock(void *shared)
{
	struct wronglock *wronglock = shared;
	int before;

	mutex_lock(&wronglock->data_lock);
	before = LOAD(wronglock->data);
	STORE(wronglock->data, LOAD(wronglock->data) + 1);
	must_hold(LOAD(wronglock->data) == before + 1);
	mutex_unlock(&wronglock->data_lock);
}

static void count_under(struct host_lock *lock, int *data)
{
	mutex_lock(lock);
	STORE(*data, LOAD(*data) + 1);
	mutex_unlock(lock);
}

static void count_under_other_lock(void *shared)
{
	struct wronglock *wronglock = shared;

	count_under(&wronglock->other_lock, &wronglock->data);
}

static void count_under_data_lock(void *shared)
{
	struct wronglock *wronglock = shared;

	count_under(&wronglock->data_lock, &wronglock->data);
}

static void check_and_count(void *shared, unsigned int threads, void (*count)(void *shared))
{
	thread_start(check_under_lock, shared);
	for (unsigned int i = 1; i < threads; i++)
		thread_start(count, shared);
	threads_join();
}

void wronglock(void *shared, unsigned int threads)
{
	check_and_count(shared, threads, count_under_other_lock);
}

void rightlock(void *shared, unsigned int threads)
{
	check_and_count(shared, threads, count_under_data_lock);
}

/* ------------------------------------------------------------------------------------------------------------- bank */

/* Each access is under the lock, what they do together is not. */
static void bank_deposit(void *shared)
{
	struct bank *bank = shared;
	int balance;

	mutex_lock(&bank->lock);
	balance = LOAD(bank->balance);
	mutex_unlock(&bank->lock);
	mutex_lock(&bank->lock);
	STORE(bank->balance, balance + 1);
	mutex_unlock(&bank->lock);
}

void bank(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(bank_deposit, shared);
	threads_join();
	must_hold(((struct bank *)shared)->balance == (int)threads);
}

/* ------------------------------------------------------------------------------------------------------- deadlock01 */

static void deadlock_work(struct deadlock *deadlock, struct host_lock *outer, struct host_lock *inner, int change)
{
	mutex_lock(outer);
	mutex_lock(inner);
	STORE(deadlock->counter, LOAD(deadlock->counter) + change);
	mutex_unlock(inner);
	mutex_unlock(outer);
}

static void deadlock_up(void *shared)
{
	struct deadlock *deadlock = shared;

	deadlock_work(deadlock, &deadlock->a, &deadlock->b, 1);
}

static void deadlock_down(void *shared)
{
	struct deadlock *deadlock = shared;

	deadlock_work(deadlock, &deadlock->b, &deadlock->a, -1);
}

void deadlock(void *shared, unsigned int threads)
{
	(void)threads;
	thread_start(deadlock_up, shared);
	thread_start(deadlock_down, shared);
	threads_join();
}

/* --------------------------------------------------------------------------------------------------------- carter01 */

/*
 * The first of a kind to come keeps the other kind out of the room, and the last to go lets it in.  Who waits for the
 * room holds the door, which those inside need to get out.
 */
static void carter_visit(struct carter *carter, int *inside)
{
	mutex_lock(&carter->door);
	STORE(*inside, LOAD(*inside) + 1);
	if (LOAD(*inside) == 1)
		mutex_lock(&carter->room);
	mutex_unlock(&carter->door);
	mutex_lock(&carter->door);
	STORE(*inside, LOAD(*inside) - 1);
	if (LOAD(*inside) == 0)
		mutex_unlock(&carter->room);
	mutex_unlock(&carter->door);
}

static void carter_first_kind(void *shared)
{
	carter_visit(shared, &((struct carter *)shared)->inside[0]);
}

static void carter_second_kind(void *shared)
{
	carter_visit(shared, &((struct carter *)shared)->inside[1]);
}

void carter(void *shared, unsigned int threads)
{
	(void)threads;
	thread_start(carter_first_kind, shared);
	thread_start(carter_second_kind, shared);
	threads_join();
}

/* ----------------------------------------------------------------------------------------------------------- phil_5 */

static void philosopher(void *shared)
{
	struct philosophers *table = shared;
	int seat = atomic_add(&table->seated, 1) - 1;
	struct host_lock *left = &table->fork[seat], *right = &table->fork[(seat + 1) % PHILOSOPHERS];

	mutex_lock(left);
	mutex_lock(right);
	mutex_unlock(right);
	mutex_unlock(left);
}

void philosophers(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(philosopher, shared);
	threads_join();
}
