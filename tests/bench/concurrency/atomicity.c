// SPDX-License-Identifier: GPL-2.0-only
/* atomicity.c - programs in which something else happens between two steps that belong together. */
#include "shared.h"

/* ------------------------------------------------------------------------------------------------- bluetooth_driver */

/* A driver's own reference is one of pending_io (Qadeer, Wu: KISS, PLDI 2004). */
static void io_end(struct bluetooth_driver *driver)
{
	if (!atomic_add(&driver->pending_io, -1))
		STORE(driver->stopping_event, true);
}

static bool io_begin(struct bluetooth_driver *driver)
{
	if (LOAD(driver->stopping))
		return false;
	atomic_add(&driver->pending_io, 1);
	return true;
}

static bool io_begin_fixed(struct bluetooth_driver *driver)
{
	atomic_add(&driver->pending_io, 1);
	if (!LOAD(driver->stopping))
		return true;
	io_end(driver);
	return false;
}

static void bluetooth_stop(void *shared)
{
	struct bluetooth_driver *driver = shared;

	STORE(driver->stopping, true);
	io_end(driver);
	if (LOAD(driver->stopping_event))
		STORE(driver->stopped, true);
}

static void use_driver(struct bluetooth_driver *driver, bool (*begin)(struct bluetooth_driver *driver))
{
	driver->pending_io = 1;
	thread_start(bluetooth_stop, driver);
	if (begin(driver)) {
		must_hold(!LOAD(driver->stopped));
		io_end(driver);
	}
	threads_join();
}

void bluetooth_driver(void *shared, unsigned int threads)
{
	(void)threads;
	use_driver(shared, io_begin);
}

void bluetooth_driver_fixed(void *shared, unsigned int threads)
{
	(void)threads;
	use_driver(shared, io_begin_fixed);
}

/* ----------------------------------------------------------------------------------------------------- stringbuffer */

#define LENGTH_FIRST 3

static int string_length(struct string *string)
{
	int length;

	mutex_lock(&string->lock);
	length = LOAD(string->length);
	mutex_unlock(&string->lock);
	return length;
}

static void string_set_length(struct string *string, int length)
{
	mutex_lock(&string->lock);
	STORE(string->length, length);
	mutex_unlock(&string->lock);
}

static void string_copy_out(struct string *string, int end)
{
	mutex_lock(&string->lock);
	must_hold(end <= LOAD(string->length));
	mutex_unlock(&string->lock);
}

/* The length of the other string is that of a moment ago. */
static void string_append(struct string *to, struct string *from)
{
	int length;

	mutex_lock(&to->lock);
	length = string_length(from);
	string_copy_out(from, length);
	STORE(to->length, LOAD(to->length) + length);
	mutex_unlock(&to->lock);
}

static void string_change(void *shared)
{
	struct stringbuffer *buffers = shared;

	string_set_length(&buffers->from, 0);
	string_set_length(&buffers->from, LENGTH_FIRST);
}

void stringbuffer(void *shared, unsigned int threads)
{
	struct stringbuffer *buffers = shared;

	(void)threads;
	buffers->from.length = LENGTH_FIRST;
	thread_start(string_change, shared);
	string_append(&buffers->to, &buffers->from);
	threads_join();
}

/* -------------------------------------------------------------------------------------------------------- safestack */

/*
 * A stack of free items (Vyukov, 2009).  An item that is being taken has no next one, so that nobody else takes it; but
 * it may be back, with another next one, when the head is replaced.  That takes three threads and five preemptions.
 */
#define NO_ITEM (-1)
#define ROUNDS 2

static int stack_pop(struct safestack *stack)
{
	while (LOAD(stack->count) > 1) {
		int head = LOAD(stack->head);
		int next = atomic_exchange(&stack->item[head].next, NO_ITEM);

		if (next < 0) {
			host_yield();
			continue;
		}
		if (atomic_replace(&stack->head, head, next)) {
			atomic_add(&stack->count, -1);
			return head;
		}
		atomic_exchange(&stack->item[head].next, next);
	}
	return NO_ITEM;
}

static void stack_push(struct safestack *stack, int item)
{
	int head;

	do {
		head = LOAD(stack->head);
		STORE(stack->item[item].next, head);
	} while (!atomic_replace(&stack->head, head, item));
	atomic_add(&stack->count, 1);
}

static void stack_user(void *shared)
{
	struct safestack *stack = shared;
	int me = atomic_add(&stack->threads, 1);

	for (unsigned int round = 0; round < ROUNDS; round++) {
		int item;

		while ((item = stack_pop(stack)) == NO_ITEM)
			host_yield();
		STORE(stack->item[item].value, me);
		must_hold(LOAD(stack->item[item].value) == me);
		stack_push(stack, item);
	}
}

void safestack(void *shared, unsigned int threads)
{
	struct safestack *stack = shared;

	for (int i = 0; i < STACK_ITEMS; i++)
		stack->item[i].next = i + 1 < STACK_ITEMS ? i + 1 : NO_ITEM;
	stack->count = STACK_ITEMS;
	for (unsigned int i = 0; i < threads; i++)
		thread_start(stack_user, shared);
	threads_join();
}
