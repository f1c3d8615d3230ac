// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock.c - the one word that serves spinlocks, rwlocks, mutexes and rwsems.
 *
 * Fairness: a waiting writer keeps new readers out, and a writer that leaves hands the lock to all readers that wait by
 * then, so neither side starves the other (phase-fair: Brandenburg and Anderson, RTSJ 2010).  Among writers the lock is
 * not handed over, which would cost a thread switch each time with more threads than cores; a newcomer lets waiters
 * have one try first.
 * Waiting:  a short spin, then a futex.  Waiters of both sides are counted in the word from the start of their wait, so
 * host_lock_contended() sees spinning ones too.
 * TSan:     the accesses to the word are hidden from it, and the lock is described as a mutex; the word's own order
 * would make two read sections look ordered, and so hide races between them.
 */
#include <limits.h>

#include "cpu.h"

#define READER (1u << 0)
#define READERS_MASK (0x3ffu * READER)
#define WRITER (1u << 10)
#define WAITING_WRITER (1u << 11)
#define WAITING_WRITERS_MASK (0xffu * WAITING_WRITER)
#define WAITING_READER (1u << 19)
#define WAITING_READERS_MASK (0xffu * WAITING_READER)
#define GRANT (1u << 27) /* flips when a leaving writer makes the waiting readers readers */
#define WRITER_SLEEPS (1u << 28)
#define READER_SLEEPS (1u << 29)

#ifdef HOST_TSAN
static unsigned int tsan_mode(enum host_lock_mode mode)
{
	return __tsan_mutex_not_static | (mode == HOST_LOCK_SHARED ? __tsan_mutex_read_lock : 0);
}
#define tsan_pre_lock(lock, mode) __tsan_mutex_pre_lock(lock, tsan_mode(mode))
#define tsan_post_lock(lock, mode) __tsan_mutex_post_lock(lock, tsan_mode(mode), 0)
#define tsan_pre_try(lock, mode) __tsan_mutex_pre_lock(lock, tsan_mode(mode) | __tsan_mutex_try_lock)
#define tsan_post_try(lock, mode, got) \
	__tsan_mutex_post_lock(        \
		lock, tsan_mode(mode) | __tsan_mutex_try_lock | ((got) ? 0 : __tsan_mutex_try_lock_failed), 0)
#define tsan_pre_unlock(lock, mode) __tsan_mutex_pre_unlock(lock, tsan_mode(mode))
#define tsan_post_unlock(lock, mode) __tsan_mutex_post_unlock(lock, tsan_mode(mode))
#else
#define tsan_pre_lock(lock, mode) ((void)0)
#define tsan_post_lock(lock, mode) ((void)0)
#define tsan_pre_try(lock, mode) ((void)0)
#define tsan_post_try(lock, mode, got) ((void)0)
#define tsan_pre_unlock(lock, mode) ((void)0)
#define tsan_post_unlock(lock, mode) ((void)0)
#endif

/* One more look after a while: spins first, then sleeps until the word is no longer @seen. */
static void word_pause(uint32_t *word, uint32_t seen, unsigned int *spins, uint32_t sleeps, enum futex_side side)
{
	if (++*spins < SPINS) {
		cpu_relax();
		return;
	}
	if (!(seen & sleeps)) {
		if (!word_cas(word, seen, seen | sleeps))
			return;
		seen |= sleeps;
	}
	futex_wait(word, seen, side, 0);
}

static void wait_exclusive(uint32_t *word, const void *id)
{
	uint32_t seen = word_fetch_add(word, WAITING_WRITER);
	unsigned int spins = 0;

	wait_begin("an exclusive lock", id);
	if (seen & (WAITING_WRITERS_MASK | WAITING_READERS_MASK))
		thread_yield();
	for (;;) {
		seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
		if (seen & (WRITER | READERS_MASK)) {
			word_pause(word, seen, &spins, WRITER_SLEEPS, FUTEX_SIDE_EXCLUSIVE);
			continue;
		}
		uint32_t taken = (seen - WAITING_WRITER) | WRITER;

		if (!(taken & WAITING_WRITERS_MASK))
			taken &= ~WRITER_SLEEPS;
		if (word_cas(word, seen, taken))
			break;
	}
	wait_end();
}

static void wait_shared(uint32_t *word, const void *id)
{
	uint32_t seen = word_fetch_add(word, WAITING_READER);
	uint32_t grant = seen & GRANT;
	unsigned int spins = 0;

	wait_begin("a shared lock", id);
	for (;;) {
		seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
		if ((seen & GRANT) != grant) /* cannot flip twice: that takes a writer, and this is a reader now */
			break;
		if (seen & (WRITER | WAITING_WRITERS_MASK)) {
			word_pause(word, seen, &spins, READER_SLEEPS, FUTEX_SIDE_SHARED);
			continue;
		}
		uint32_t taken = seen - WAITING_READER + READER;

		if (!(taken & WAITING_READERS_MASK))
			taken &= ~READER_SLEEPS;
		if (word_cas(word, seen, taken))
			break;
	}
	wait_end();
}

static inline bool word_try(uint32_t *word, enum host_lock_mode mode)
{
	for (;;) {
		uint32_t seen = relaxed_load(word);

		if (mode == HOST_LOCK_EXCLUSIVE) {
			if (seen & ~GRANT)
				return false;
			if (likely(word_cas(word, seen, seen | WRITER)))
				return true;
		} else {
			if (seen & (WRITER | WAITING_WRITERS_MASK))
				return false;
			if (likely(word_cas(word, seen, seen + READER)))
				return true;
		}
	}
}

static void word_release_exclusive(uint32_t *word)
{
	for (;;) {
		uint32_t seen = relaxed_load(word);
		uint32_t readers = (seen & WAITING_READERS_MASK) / WAITING_READER;
		uint32_t left = seen & ~WRITER;

		if (readers)
			left = ((left & ~(WAITING_READERS_MASK | READER_SLEEPS)) + readers * READER) ^ GRANT;
		if (!word_cas(word, seen, left))
			continue;
		if (unlikely(readers && (seen & READER_SLEEPS)))
			futex_wake(word, INT_MAX, FUTEX_SIDE_SHARED);
		else if (unlikely(!readers && (seen & WRITER_SLEEPS)))
			futex_wake(word, 1, FUTEX_SIDE_EXCLUSIVE);
		return;
	}
}

static void word_release_shared(uint32_t *word)
{
	uint32_t left = word_fetch_add(word, -READER) - READER;

	if (!(left & READERS_MASK) && unlikely(left & WRITER_SLEEPS))
		futex_wake(word, 1, FUTEX_SIDE_EXCLUSIVE);
}

static void note_taken(struct host_cpu *cpu, struct host_lock *lock, enum host_lock_mode mode, const void *id,
		       const struct host_lock_class *class, unsigned int class_number)
{
	held_push(cpu, lock, id, class, class_number, mode);
	if (unlikely(cpu->srcu_depth))
		srcu_note_lock_inside(cpu, class_number);
}

void host_lock_acquire(struct host_lock *lock, enum host_lock_mode mode, const void *id,
		       const struct host_lock_class *class)
{
	struct host_cpu *cpu = this_cpu;
	unsigned int class_number = class_number_of(class);

	point_lock(lock, class);
	if (class->sleeps && unlikely(cpu->reader_depth))
		host_may_sleep(class->name);
	if (cpu->held_count)
		held_check(cpu, id, class, class_number);
	if (!class->sleeps)
		atomic_enter(cpu);
	tsan_pre_lock(lock, mode);
	if (unlikely(!word_try(&lock->word, mode))) {
		if (mode == HOST_LOCK_EXCLUSIVE)
			wait_exclusive(&lock->word, id);
		else
			wait_shared(&lock->word, id);
	}
	tsan_post_lock(lock, mode);
	note_taken(cpu, lock, mode, id, class, class_number);
}

/* A try cannot deadlock: neither rank nor order are looked at. */
bool host_lock_try(struct host_lock *lock, enum host_lock_mode mode, const void *id,
		   const struct host_lock_class *class)
{
	struct host_cpu *cpu = this_cpu;
	bool got;

	point_lock(lock, class);
	if (!class->sleeps)
		atomic_enter(cpu);
	tsan_pre_try(lock, mode);
	got = word_try(&lock->word, mode);
	tsan_post_try(lock, mode, got);
	if (got)
		note_taken(cpu, lock, mode, id, class, class_number_of(class));
	else if (!class->sleeps)
		atomic_exit(cpu);
	return got;
}

void host_lock_release(struct host_lock *lock, enum host_lock_mode mode, const void *id)
{
	struct host_cpu *cpu = this_cpu;
	struct held removed;

	point(HOST_POINT_UNLOCK, lock);
	if (unlikely(!held_remove(cpu, lock, id, mode, &removed))) {
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "a lock is released by a CPU that does not hold it (%s)",
			    mode == HOST_LOCK_SHARED ? "shared" : "exclusive");
		return;
	}
	tsan_pre_unlock(lock, mode);
	if (mode == HOST_LOCK_EXCLUSIVE)
		word_release_exclusive(&lock->word);
	else
		word_release_shared(&lock->word);
	tsan_post_unlock(lock, mode);
	if (!removed.class->sleeps)
		atomic_exit(cpu);
}

bool host_lock_is_locked(const struct host_lock *lock, enum host_lock_mode at_least)
{
	return relaxed_load(&lock->word) & (at_least == HOST_LOCK_EXCLUSIVE ? WRITER : WRITER | READERS_MASK);
}

bool host_lock_contended(const struct host_lock *lock)
{
	return relaxed_load(&lock->word) & (WAITING_WRITERS_MASK | WAITING_READERS_MASK);
}
