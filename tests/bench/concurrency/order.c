// SPDX-License-Identifier: GPL-2.0-only
/* order.c - programs that take for granted in which order threads do what they do. */
#include "shared.h"

/* -------------------------------------------------------------------------------------------- reorder_5, reorder_61 */

/* Each writes both words, which somebody who looks in between sees. */
static void reorder_set(void *shared)
{
	struct reorder *reorder = shared;

	STORE(reorder->a, 1);
	STORE(reorder->b, -1);
}

static void reorder_check(void *shared)
{
	struct reorder *reorder = shared;

	must_hold((LOAD(reorder->a) == 0 && LOAD(reorder->b) == 0) ||
		  (LOAD(reorder->a) == 1 && LOAD(reorder->b) == -1));
}

void reorder(void *shared, unsigned int threads)
{
	for (unsigned int i = 1; i < threads; i++)
		thread_start(reorder_set, shared);
	thread_start(reorder_check, shared);
	threads_join();
}

/* ------------------------------------------------------------------------------------------------------ twostage_61 */

/* Each word has its lock, but they belong together. */
static void twostage_write(void *shared)
{
	struct twostage *twostage = shared;

	mutex_lock(&twostage->first_lock);
	STORE(twostage->first, 1);
	mutex_unlock(&twostage->first_lock);
	mutex_lock(&twostage->second_lock);
	STORE(twostage->second, LOAD(twostage->first) + 1);
	mutex_unlock(&twostage->second_lock);
}

static void twostage_read(void *shared)
{
	struct twostage *twostage = shared;
	int first, second;

	mutex_lock(&twostage->first_lock);
	first = LOAD(twostage->first);
	mutex_unlock(&twostage->first_lock);
	if (!first)
		return;
	mutex_lock(&twostage->second_lock);
	second = LOAD(twostage->second);
	mutex_unlock(&twostage->second_lock);
	must_hold(second == first + 1);
}

void twostage(void *shared, unsigned int threads)
{
	for (unsigned int i = 1; i < threads; i++)
		thread_start(twostage_write, shared);
	thread_start(twostage_read, shared);
	threads_join();
}

/* ---------------------------------------------------------------------------------------------------------- account */

#define BALANCE_FIRST 1
#define DEPOSIT 2
#define WITHDRAWAL 4

static void account_deposit(void *shared)
{
	struct account *account = shared;

	mutex_lock(&account->lock);
	STORE(account->balance, LOAD(account->balance) + DEPOSIT);
	STORE(account->deposited, true);
	mutex_unlock(&account->lock);
}

static void account_withdraw(void *shared)
{
	struct account *account = shared;

	mutex_lock(&account->lock);
	STORE(account->balance, LOAD(account->balance) - WITHDRAWAL);
	STORE(account->withdrawn, true);
	mutex_unlock(&account->lock);
}

/* Wrong, but only who comes last notices. */
static void account_check(void *shared)
{
	struct account *account = shared;

	mutex_lock(&account->lock);
	if (LOAD(account->deposited) && LOAD(account->withdrawn))
		must_hold(LOAD(account->balance) == BALANCE_FIRST - DEPOSIT - WITHDRAWAL);
	mutex_unlock(&account->lock);
}

void account(void *shared, unsigned int threads)
{
	(void)threads;
	((struct account *)shared)->balance = BALANCE_FIRST;
	thread_start(account_check, shared);
	thread_start(account_withdraw, shared);
	thread_start(account_deposit, shared);
	threads_join();
}

/* ------------------------------------------------------------------------------------------------------- token_ring */

/* Each passes on what its neighbour has; right if they do so one after the other. */
static void token_first(void *shared)
{
	struct token_ring *ring = shared;

	mutex_lock(&ring->lock);
	STORE(ring->x[0], (LOAD(ring->x[2]) + 1) % 4);
	STORE(ring->passed[0], true);
	mutex_unlock(&ring->lock);
}

static void token_pass(struct token_ring *ring, unsigned int to)
{
	mutex_lock(&ring->lock);
	STORE(ring->x[to], LOAD(ring->x[to - 1]));
	STORE(ring->passed[to], true);
	mutex_unlock(&ring->lock);
}

static void token_second(void *shared)
{
	token_pass(shared, 1);
}

static void token_third(void *shared)
{
	token_pass(shared, 2);
}

static void token_check(void *shared)
{
	struct token_ring *ring = shared;

	mutex_lock(&ring->lock);
	if (LOAD(ring->passed[0]) && LOAD(ring->passed[1]) && LOAD(ring->passed[2]))
		must_hold(LOAD(ring->x[0]) == LOAD(ring->x[1]) && LOAD(ring->x[1]) == LOAD(ring->x[2]));
	mutex_unlock(&ring->lock);
}

void token_ring(void *shared, unsigned int threads)
{
	struct token_ring *ring = shared;

	(void)threads;
	ring->x[0] = 1;
	ring->x[1] = 2;
	ring->x[2] = 1;
	thread_start(token_first, shared);
	thread_start(token_second, shared);
	thread_start(token_third, shared);
	thread_start(token_check, shared);
	threads_join();
}

/* ------------------------------------------------------------------------------------------------------------ queue */

static void put(struct queue *queue, unsigned int stored_at)
{
	int value = (int)stored_at + 1;

	STORE(queue->element[queue->tail], value);
	queue->tail++;
	STORE(queue->stored[stored_at], value);
}

/* A round in which it is not its turn is lost, and what it stores next stands one further on than the other looks. */
static void queue_put(void *shared)
{
	struct queue *queue = shared;

	mutex_lock(&queue->lock);
	put(queue, 0);
	mutex_unlock(&queue->lock);
	for (unsigned int i = 1; i < QUEUE_ELEMENTS; i++) {
		mutex_lock(&queue->lock);
		if (LOAD(queue->may_put)) {
			put(queue, i);
			STORE(queue->may_put, false);
			STORE(queue->may_get, true);
		}
		mutex_unlock(&queue->lock);
	}
}

static void queue_get(void *shared)
{
	struct queue *queue = shared;

	for (unsigned int i = 0; i < QUEUE_ELEMENTS; i++) {
		mutex_lock(&queue->lock);
		if (LOAD(queue->may_get)) {
			must_hold(LOAD(queue->element[queue->head]) == LOAD(queue->stored[i]));
			queue->head++;
			STORE(queue->may_get, false);
			STORE(queue->may_put, true);
		}
		mutex_unlock(&queue->lock);
	}
}

void queue(void *shared, unsigned int threads)
{
	(void)threads;
	((struct queue *)shared)->may_put = true;
	thread_start(queue_put, shared);
	thread_start(queue_get, shared);
	threads_join();
}

/* ----------------------------------------------------------------------------------------------------------- lazy01 */

static void lazy_add(struct lazy *lazy, int number)
{
	mutex_lock(&lazy->lock);
	STORE(lazy->data, LOAD(lazy->data) + number);
	mutex_unlock(&lazy->lock);
}

static void lazy_one(void *shared)
{
	lazy_add(shared, 1);
}

static void lazy_two(void *shared)
{
	lazy_add(shared, 2);
}

static void lazy_check(void *shared)
{
	struct lazy *lazy = shared;

	mutex_lock(&lazy->lock);
	must_hold(LOAD(lazy->data) < 3);
	mutex_unlock(&lazy->lock);
}

void lazy(void *shared, unsigned int threads)
{
	(void)threads;
	thread_start(lazy_one, shared);
	thread_start(lazy_two, shared);
	thread_start(lazy_check, shared);
	threads_join();
}
