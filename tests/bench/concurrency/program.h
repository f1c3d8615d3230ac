/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - what the small programs of this folder are made of: threads, words that they share, and what must hold.
 *
 * A program is a function that runs on CPU 0 as its main thread.  All that its threads share is one zeroed block, of
 * which each run has a fresh copy.  LOAD() and STORE() are plain accesses with a scheduling point before each; the
 * others are one step.  A run ends at the first bug: must_hold() does not return then.
 */
#ifndef TESTS_BENCH_CONCURRENCY_PROGRAM_H
#define TESTS_BENCH_CONCURRENCY_PROGRAM_H

#include "mmu_core/host.h"

/* Evaluate @word twice. */
#define LOAD(word) (host_point(HOST_POINT_LOAD, &(word)), (word))
#define STORE(word, value)                                 \
	do {                                               \
		__typeof__(word) value_to_store = (value); \
		host_point(HOST_POINT_STORE, &(word));     \
		(word) = value_to_store;                   \
	} while (0)

static inline int atomic_add(int *word, int change) /* returns what is there now */
{
	host_point(HOST_POINT_ATOMIC, word);
	return *word += change;
}

static inline int atomic_exchange(int *word, int value)
{
	int old;

	host_point(HOST_POINT_ATOMIC, word);
	old = *word;
	*word = value;
	return old;
}

static inline bool atomic_replace(int *word, int old, int value)
{
	host_point(HOST_POINT_ATOMIC, word);
	if (*word != old)
		return false;
	*word = value;
	return true;
}

void mutex_lock(struct host_lock *mutex);
void mutex_unlock(struct host_lock *mutex);

/* Of the running program; started ones run @function(@argument). */
void thread_start(void (*function)(void *argument), void *argument);
void threads_join(void); /* all of them */

void bug(void) __attribute__((noreturn));
#define must_hold(condition) ((condition) ? (void)0 : bug())

/* Published figures (anchors.md, RFF's artefact): mean schedules to the first bug, trials of 20 that found it. */
struct published {
	const char *pct, *pos, *rff; /* NULL: not published; "-": not found */
};

struct concurrent_program {
	const char *name;
	void (*main)(void *shared, unsigned int threads);
	size_t shared_bytes;
	unsigned int threads; /* besides the main thread; at most HOST_CPUS_MAX - 3 */
	bool correct; /* a twin without the bug */
	uint64_t enough; /* schedules a seed in which some policy finds the bug */
	struct published published;
};

#endif
