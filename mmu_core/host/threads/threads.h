/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * threads.h - one CPU as the threads backend sees it: a thread, what it holds, and why it may not sleep.
 *
 * Ownership: a CPU's fields are its own; what other CPUs look at for reports is stored and read with relaxed atomics.
 */
#ifndef MMU_CORE_HOST_THREADS_H
#define MMU_CORE_HOST_THREADS_H

#include <pthread.h>

#include "../internal.h"

/* TSan must not see into liburcu, whose ordering it does not understand (kvm-in-userspace.md section 6). */
#ifndef HOST_TSAN
#define _LGPL_SOURCE
#endif
#include <urcu/urcu-mb.h>
#include <urcu/urcu-memb.h>

#define HELD_MAX 48

/* One lock that a CPU holds, or an SRCU read section that it is in (lock NULL, id the host_srcu). */
struct held {
	const void *id;
	const struct host_lock_class *class;
	const struct host_lock *lock;
	uint16_t class_number;
	uint8_t mode;
};

struct ipi;

enum irq_state {
	IRQ_OFF = 1 << 0, /* the CPU has interrupts off */
	IRQ_BUSY = 1 << 1, /* a sender takes this CPU's interrupts on its behalf: they may not be turned off now */
	IRQ_KICKED = 1 << 2, /* an interrupt without a function waits */
};

struct host_cpu {
	unsigned int number;
	unsigned int atomic_depth; /* reasons not to preempt: interrupts off, preemption off, spinning locks */
	unsigned int reader_depth; /* those, and explicit RCU read sections: > 0 means that liburcu's lock is held */
	unsigned int preempt_depth;
	unsigned int rcu_depth;
	unsigned int srcu_depth;
	unsigned int held_count;
	bool irqs_off;

	/* point.c */
	uint32_t random_generation; /* of host_settings that the streams below belong to */
	uint64_t random_state;
	uint64_t point_state; /* a stream of its own: the number of points must not shift what host_random() gives */
	uint64_t point_gap; /* points until the next preemption */
	uint32_t resched_gap; /* calls until the clock is looked at */
	bool resched_due;
	uint64_t slice_start_ns;

	struct held held[HELD_MAX];

	/* rcu.c: calls made in a non-preemptible region, newest first */
	struct host_rcu_head *deferred;
	char reader_tag; /* TSan: where the CPU's read sections release to */

	/* stall.c: what the CPU waits for, NULL = nothing */
	const char *wait_what;
	const void *wait_object;
	uint64_t wait_since_ns;

	/* written by other CPUs */
	uint32_t irq_state __attribute__((aligned(64)));
	struct ipi *ipis; /* newest first */

	/* cpu.c */
	uint32_t online __attribute__((aligned(64)));
	bool in_use; /* under cpus_lock */
	bool hook_called;
	const char *name;
	void *signal_stack;
};

extern struct host_cpu host_cpus[HOST_CPUS_MAX];
extern __thread struct host_cpu *this_cpu __attribute__((tls_model("initial-exec")));
extern const struct host_core_hooks *core_hooks;
extern enum host_rcu_flavour rcu_flavour;

/* ------------------------------------------------------------------------------------------------ scheduling points */

extern bool points_armed;
void point_reached(struct host_cpu *cpu);
void random_restart(struct host_cpu *cpu); /* when a CPU starts and when the settings have changed */

static inline void point(enum host_point_kind kind, const void *object)
{
	(void)kind;
	(void)object;
	if (unlikely(relaxed_load(&points_armed)))
		point_reached(this_cpu);
}

/* ----------------------------------------------------------------------------------------------- readers of liburcu */

void rcu_hand_over_deferred(struct host_cpu *cpu);

static inline void reader_enter(struct host_cpu *cpu)
{
	if (cpu->reader_depth++)
		return;
	if (likely(rcu_flavour == HOST_RCU_MEMB))
		urcu_memb_read_lock();
	else
		urcu_mb_read_lock();
}

static inline void reader_exit(struct host_cpu *cpu)
{
	if (--cpu->reader_depth)
		return;
	tsan_release(&cpu->reader_tag);
	if (likely(rcu_flavour == HOST_RCU_MEMB))
		urcu_memb_read_unlock();
	else
		urcu_mb_read_unlock();
}

static inline void atomic_enter(struct host_cpu *cpu)
{
	cpu->atomic_depth++;
	reader_enter(cpu);
}

/*
 * What was deferred is handed over before the CPU stops being a reader: whatever the region unlinked has been unlinked,
 * and host_rcu_barrier() can rely on a grace period to bring it out.
 */
static inline void atomic_exit(struct host_cpu *cpu)
{
	if (--cpu->atomic_depth == 0 && unlikely(cpu->deferred))
		rcu_hand_over_deferred(cpu);
	reader_exit(cpu);
}

/* -------------------------------------------------------------------------------------------------- waiting, stalls */

void clock_start(void);
uint64_t clock_ns(void);
void sleep_ns(uint64_t ns);
static inline void cpu_relax(void)
{
	__builtin_ia32_pause();
}

enum futex_side {
	FUTEX_SIDE_SHARED = 1,
	FUTEX_SIDE_EXCLUSIVE = 2,
	FUTEX_SIDE_ANY = 3,
};
void futex_wait(const uint32_t *word, uint32_t value, enum futex_side side, uint64_t timeout_ns); /* 0: for ever */
void futex_wake(const uint32_t *word, int count, enum futex_side side);

/* stall.c: a wait that lasts too long is reported once by the watchdog.  Waits nest (an IPI inside a lock does not). */
extern uint64_t stall_limit_ns;
void wait_begin(const char *what, const void *object);
void wait_end(void);
void stall_watch(void); /* one look at all CPUs */

/* ------------------------------------------------------------------------------------------------------- the rest */

/* held.c: the locks a CPU holds, and what lockdep says of their order. */
void held_check(struct host_cpu *cpu, const void *id, const struct host_lock_class *class, unsigned int class_number);
void held_push(struct host_cpu *cpu, const struct host_lock *lock, const void *id, const struct host_lock_class *class,
	       unsigned int class_number, enum host_lock_mode mode);
bool held_remove(struct host_cpu *cpu, const struct host_lock *lock, const void *id, enum host_lock_mode mode,
		 struct held *removed);
unsigned int class_number_of(const struct host_lock_class *class);
const char *class_name(unsigned int class_number);
const char *held_describe(const struct host_cpu *cpu, char *text, size_t bytes);

#define CLASSES_MAX 256
struct class_set {
	uint64_t words[CLASSES_MAX / 64];
};
static inline bool class_set_has(const struct class_set *set, unsigned int number)
{
	return relaxed_load(&set->words[number / 64]) >> (number % 64) & 1;
}
static inline void class_set_add(struct class_set *set, unsigned int number)
{
	__atomic_fetch_or(&set->words[number / 64], (uint64_t)1 << (number % 64), __ATOMIC_RELAXED);
}

/* srcu.c */
void srcu_note_lock_inside(struct host_cpu *cpu, unsigned int class_number);
void srcu_worker(void *unused);

/* rcu.c */
void rcu_worker(void *unused);
void rcu_register_thread(void);
void rcu_unregister_thread(void);

/* cpu.c: runs the core's cpu_online hook on a CPU that was there before the core was. */
void cpu_call_online_hook(struct host_cpu *cpu);

/* signal.c */
void signals_init(void);
void signals_cpu_online(struct host_cpu *cpu);
void signals_cpu_offline(struct host_cpu *cpu);

#endif
