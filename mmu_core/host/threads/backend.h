/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.h - the threads backend: a CPU is a POSIX thread, liburcu knows its read sections, a futex lets it sleep.
 *
 * Included by cpu.h.
 */
#ifndef MMU_CORE_HOST_THREADS_BACKEND_H
#define MMU_CORE_HOST_THREADS_BACKEND_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>

/* TSan must not see into liburcu, whose ordering it does not understand (kvm-in-userspace.md section 6). */
#ifndef HOST_TSAN
#define _LGPL_SOURCE
#endif
#include <urcu/urcu-mb.h>
#include <urcu/urcu-memb.h>

struct host_cpu;

struct backend_cpu {
	uint64_t point_state; /* a stream of its own: the number of points must not shift what host_random() gives */
	uint64_t point_gap; /* points until the next preemption */
};

struct backend_thread {
	pthread_t thread;
};

extern __thread struct host_cpu *this_cpu __attribute__((tls_model("initial-exec")));

/* ------------------------------------------------------------------------------------------------ scheduling points */

extern bool points_armed;
void point_reached(struct host_cpu *cpu);

static inline void point(enum host_point_kind kind, const void *object)
{
	(void)kind;
	(void)object;
	if (unlikely(relaxed_load(&points_armed)))
		point_reached(this_cpu);
}

#define point_lock(lock, class) point(HOST_POINT_LOCK, lock)

/* ----------------------------------------------------------------------------------------------- readers of liburcu */

extern enum host_rcu_flavour rcu_flavour;

static inline void reader_begin(struct backend_cpu *cpu)
{
	(void)cpu;
	if (likely(rcu_flavour == HOST_RCU_MEMB))
		urcu_memb_read_lock();
	else
		urcu_mb_read_lock();
}

static inline void reader_end(struct backend_cpu *cpu)
{
	(void)cpu;
	if (likely(rcu_flavour == HOST_RCU_MEMB))
		urcu_memb_read_unlock();
	else
		urcu_mb_read_unlock();
}

/* -------------------------------------------------------------------------------------------------- readers of SRCU */

/* Each CPU counts on a cache line of its own. */
struct srcu_readers {
	struct {
		uint64_t entered[2];
		uint64_t left[2];
	} __attribute__((aligned(64))) cpus[HOST_CPUS_MAX];
};

static inline void srcu_readers_enter(struct srcu_readers *readers, unsigned int cpu, unsigned int index)
{
	__atomic_add_fetch(&readers->cpus[cpu].entered[index], 1, __ATOMIC_SEQ_CST);
}

static inline void srcu_readers_leave(struct srcu_readers *readers, unsigned int cpu, unsigned int index)
{
	__atomic_add_fetch(&readers->cpus[cpu].left[index], 1, __ATOMIC_SEQ_CST);
}

/* left first: a reader that leaves after that is seen to have entered. */
static inline bool srcu_readers_any(struct srcu_readers *readers, unsigned int index)
{
	uint64_t left = 0, entered = 0;

	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++)
		left += __atomic_load_n(&readers->cpus[i].left[index], __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++)
		entered += __atomic_load_n(&readers->cpus[i].entered[index], __ATOMIC_SEQ_CST);
	return entered != left;
}

/* The CPU for callbacks looks at readers from time to time, so that no reader has to tell it that it leaves. */
#define SRCU_WORKER_LOOKS 1

/* Random values come from the CPU's own stream. */
static inline bool backend_random(uint64_t *value)
{
	(void)value;
	return false;
}

void clock_start(void);

/* -------------------------------------------------------------------------------------- words, waiting, inner locks */

#define SPINS 40 /* looks at a word before sleeping on it */

static inline bool word_cas(uint32_t *word, uint32_t old, uint32_t new)
{
	return __atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline uint32_t word_fetch_add(uint32_t *word, uint32_t amount)
{
	return __atomic_fetch_add(word, amount, __ATOMIC_SEQ_CST);
}

static inline uint32_t word_exchange(uint32_t *word, uint32_t value)
{
	return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
}

static inline void cpu_relax(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#else
	__asm__ volatile("yield");
#endif
}

static inline void thread_yield(void)
{
	sched_yield();
}

/* The host's own short critical sections, without a scheduling point in them. */
struct inner_mutex {
	pthread_mutex_t mutex;
};
#define INNER_MUTEX_INIT { PTHREAD_MUTEX_INITIALIZER }

static inline void inner_mutex_init(struct inner_mutex *mutex)
{
	pthread_mutex_init(&mutex->mutex, NULL);
}

static inline void inner_mutex_destroy(struct inner_mutex *mutex)
{
	pthread_mutex_destroy(&mutex->mutex);
}

static inline void inner_lock(struct inner_mutex *mutex)
{
	pthread_mutex_lock(&mutex->mutex);
}

static inline void inner_unlock(struct inner_mutex *mutex)
{
	pthread_mutex_unlock(&mutex->mutex);
}

/* ------------------------------------------------------------------------------------------------------------ traps */

/* Each thread has a stack for signals: a trap may come from one that has run out of its own. */
static inline int trap_flags(int signo)
{
	(void)signo;
	return SA_ONSTACK;
}

/* A thread of this backend is preempted by nobody whom that could hurt. */
static inline void switching_off(void)
{
}

static inline void switching_on(void)
{
}

#endif
