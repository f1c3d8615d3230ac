/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.h - the fibres backend: a CPU is a fibre of the one thread, and only the scheduler switches between them.
 *
 * So words that several CPUs use need no atomic instruction, short critical sections no lock, and RCU no memory
 * barriers.  TSan still has to see what orders what.  Included by cpu.h.
 */
#ifndef MMU_CORE_HOST_FIBRES_BACKEND_H
#define MMU_CORE_HOST_FIBRES_BACKEND_H

#include <signal.h>

struct host_cpu;
struct fibre;

struct backend_cpu {
	uint64_t bit; /* 1 << number */
	struct fibre *fibre;
	unsigned int stays; /* > 0: points do not switch */
	const void *waits_for; /* NULL: can run */
	uint64_t deadline_ns; /* end of that wait; 0: none */
	uint64_t steps; /* points passed in this run, as counted where they are looked at */
	uint64_t reader_generation; /* grows with each outermost read section */
};

struct backend_thread {
	uint32_t over;
};

extern struct host_cpu *this_cpu;

/* ------------------------------------------------------------------------------------------------ scheduling points */

extern int64_t points_left; /* until somebody has to look */
void point_reached(enum host_point_kind kind, const void *object, const void *site);

static inline void point_at(enum host_point_kind kind, const void *object, const void *site)
{
#ifdef HOST_TSAN
	relaxed_store(&points_left, relaxed_load(&points_left) - 1);
	if (unlikely(relaxed_load(&points_left) <= 0))
		point_reached(kind, object, site);
#else
	if (unlikely(--points_left <= 0))
		point_reached(kind, object, site);
#endif
}

#define point(kind, object) point_at(kind, object, __builtin_return_address(0))

extern const char *point_lock_name; /* of the lock that the point is about, if it is one that takes a lock */
#define point_lock(lock, class) (point_lock_name = (class)->name, point(HOST_POINT_LOCK, lock))

bool backend_random(uint64_t *value);

/* --------------------------------------------------------------------------------------------------- readers of RCU */

extern struct rcu_state {
	uint64_t readers; /* CPUs that are in a read section */
	unsigned int waiters; /* that want to know when one leaves */
} rcu_state;
void rcu_reader_left(void);

static inline void reader_begin(struct backend_cpu *cpu)
{
	relaxed_store(&rcu_state.readers, relaxed_load(&rcu_state.readers) | cpu->bit);
	cpu->reader_generation++;
}

static inline void reader_end(struct backend_cpu *cpu)
{
	relaxed_store(&rcu_state.readers, relaxed_load(&rcu_state.readers) & ~cpu->bit);
	if (unlikely(relaxed_load(&rcu_state.waiters)))
		rcu_reader_left();
}

/* -------------------------------------------------------------------------------------------------- readers of SRCU */

struct srcu_readers {
	uint64_t inside[2];
};

static inline void srcu_readers_enter(struct srcu_readers *readers, unsigned int cpu, unsigned int index)
{
	(void)cpu;
	relaxed_store(&readers->inside[index], relaxed_load(&readers->inside[index]) + 1);
}

static inline void srcu_readers_leave(struct srcu_readers *readers, unsigned int cpu, unsigned int index)
{
	(void)cpu;
	tsan_release(&readers->inside[index]);
	relaxed_store(&readers->inside[index], relaxed_load(&readers->inside[index]) - 1);
}

static inline bool srcu_readers_any(struct srcu_readers *readers, unsigned int index)
{
	if (relaxed_load(&readers->inside[index]))
		return true;
	tsan_acquire(&readers->inside[index]);
	return false;
}

/* A reader that leaves tells the CPU for callbacks: a look from time to time would keep virtual time going. */
#define SRCU_WORKER_LOOKS 0

/* -------------------------------------------------------------------------------------- words, waiting, inner locks */

#define SPINS 0 /* nobody else runs meanwhile */

static inline bool word_cas(uint32_t *word, uint32_t old, uint32_t new)
{
#ifdef HOST_TSAN
	return __atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
#else
	if (*word != old)
		return false;
	*word = new;
	return true;
#endif
}

static inline uint32_t word_fetch_add(uint32_t *word, uint32_t amount)
{
#ifdef HOST_TSAN
	return __atomic_fetch_add(word, amount, __ATOMIC_SEQ_CST);
#else
	uint32_t old = *word;

	*word = old + amount;
	return old;
#endif
}

static inline uint32_t word_exchange(uint32_t *word, uint32_t value)
{
#ifdef HOST_TSAN
	return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
#else
	uint32_t old = *word;

	*word = value;
	return old;
#endif
}

void thread_yield(void);

static inline void cpu_relax(void)
{
	thread_yield();
}

/* No scheduling point inside, so nobody can be there already; TSan is told of the order that a lock would make. */
struct inner_mutex {
	char tag;
};
#define INNER_MUTEX_INIT { 0 }

static inline void inner_mutex_init(struct inner_mutex *mutex)
{
	(void)mutex;
}

static inline void inner_mutex_destroy(struct inner_mutex *mutex)
{
	(void)mutex;
}

static inline void inner_lock(struct inner_mutex *mutex)
{
	tsan_acquire(mutex);
}

static inline void inner_unlock(struct inner_mutex *mutex)
{
	tsan_release(mutex);
}

/* ------------------------------------------------------------------------------------------------------------ traps */

/*
 * All fibres share one stack for signals, so nothing that is handled there may switch: stray accesses, which may come
 * from a fibre that has run out of its own stack.  What the kernel means by a trap (a WARN) is handled where it stands.
 */
static inline int trap_flags(int signo)
{
	return signo == SIGILL || signo == SIGTRAP ? 0 : SA_ONSTACK;
}

void switching_off(void);
void switching_on(void);

#endif
