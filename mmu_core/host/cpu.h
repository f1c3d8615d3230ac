/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.h - one CPU as both backends see it: a logical thread, what it holds, and why it may not sleep.
 *
 * The files that include this are compiled once for each backend, with that backend's folder in the include path: its
 * backend.h says what a thread is, how it waits and what a word costs that several CPUs use.
 *
 * Ownership: a CPU's fields are its own; what other CPUs look at for reports is stored and read with relaxed atomics.
 */
#ifndef MMU_CORE_HOST_CPU_H
#define MMU_CORE_HOST_CPU_H

#include "internal.h"

/*
 * backend.h gives: this_cpu, struct backend_cpu, point(), struct inner_mutex, word_*(), reader_begin(), reader_end(),
 * struct srcu_readers and its functions, SPINS, cpu_relax(), thread_yield(), trap_flags().
 */
#include "backend.h"

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
	unsigned int reader_depth; /* those, and explicit RCU read sections: > 0 means a reader of the backend's RCU */
	unsigned int preempt_depth;
	unsigned int rcu_depth;
	unsigned int srcu_depth;
	unsigned int held_count;
	unsigned int trap_depth;
	bool irqs_off;

	/* stream.c */
	uint32_t random_generation; /* of host_settings that the streams below belong to */
	uint64_t random_state;
	uint32_t resched_gap; /* calls until the clock is looked at */
	bool resched_due;
	uint64_t slice_start_ns;

	struct backend_cpu backend;
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
	bool in_use; /* under cpus_mutex */
	bool hook_called;
	const char *name;
	void *signal_stack;
};

extern struct host_cpu host_cpus[HOST_CPUS_MAX];
extern const struct host_core_hooks *core_hooks;

/* --------------------------------------------------------------------------------------------------- random streams */

void random_restart(struct host_cpu *cpu); /* when a CPU starts and when the settings have changed */
void backend_random_restart(struct host_cpu *cpu);

static inline void random_refresh(struct host_cpu *cpu)
{
	if (unlikely(cpu->random_generation != relaxed_load(&host_settings_generation)))
		random_restart(cpu);
}

/* ---------------------------------------------------------------------------------------------------------- readers */

void rcu_hand_over_deferred(struct host_cpu *cpu);

static inline void reader_enter(struct host_cpu *cpu)
{
	if (!cpu->reader_depth++)
		reader_begin(&cpu->backend);
}

static inline void reader_exit(struct host_cpu *cpu)
{
	if (--cpu->reader_depth)
		return;
	tsan_release(&cpu->reader_tag);
	reader_end(&cpu->backend);
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

/* Waits until every read section that is open now has ended, and takes what the backend has to do for that. */
void backend_grace_period(void);

/* -------------------------------------------------------------------------------------------------- waiting, stalls */

uint64_t clock_ns(void);
void sleep_ns(uint64_t ns);

/* A word to sleep on, as futex(2) has it: sleeps while *word is @value, or returns for no reason. */
enum futex_side {
	FUTEX_SIDE_SHARED = 1,
	FUTEX_SIDE_EXCLUSIVE = 2,
	FUTEX_SIDE_ANY = 3,
};
void futex_wait(const uint32_t *word, uint32_t value, enum futex_side side, uint64_t timeout_ns); /* 0: for ever */
void futex_wake(const uint32_t *word, int count, enum futex_side side);

/* stall.c: a wait that lasts too long is reported once.  Waits nest (an IPI inside a lock does not). */
extern uint64_t stall_limit_ns;
void wait_begin(const char *what, const void *object);
void wait_end(void);
void stall_watch(void); /* one look at all CPUs */
size_t stall_describe_holders(char *text, size_t bytes); /* who holds and waits for what, each after a "; " */

/* ------------------------------------------------------------------------------------------------------- held locks */

/* held.c: the locks a CPU holds, and what lockdep says of their order. */
void held_check(struct host_cpu *cpu, const void *id, const struct host_lock_class *class, unsigned int class_number);
void held_push(struct host_cpu *cpu, const struct host_lock *lock, const void *id, const struct host_lock_class *class,
	       unsigned int class_number, enum host_lock_mode mode);
bool held_remove(struct host_cpu *cpu, const struct host_lock *lock, const void *id, enum host_lock_mode mode,
		 struct held *removed);
unsigned int class_number_of(const struct host_lock_class *class);
const char *class_name(unsigned int class_number);
const char *held_describe(const struct host_cpu *cpu, char *text, size_t bytes);
/* A class of locks, or what else @cpu waits for; NULL: nothing. */
const char *held_awaited(const struct host_cpu *cpu);

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

/* ----------------------------------------------------------------------------------------- life of CPUs and workers */

/* callbacks.c: lists are newest first; a callback may free its head */
void callbacks_push(struct host_rcu_head **list, struct host_rcu_head *newest, struct host_rcu_head *oldest);
struct host_rcu_head *callbacks_take(struct host_rcu_head **list);
void callbacks_run(struct host_rcu_head *newest); /* oldest first */

/* A callback that somebody waits for. */
struct callback_barrier {
	struct host_rcu_head head; /* first: the callback gets a pointer to it */
	uint32_t done;
};
void callback_barrier_reached(struct host_rcu_head *head);
void callback_barrier_wait(struct callback_barrier *barrier);

/* srcu.c */
void srcu_note_lock_inside(struct host_cpu *cpu, unsigned int class_number);
bool srcu_run_callbacks(void); /* of all domains; true: some still wait for readers */
void srcu_work_await(uint32_t key, uint64_t timeout_ns);
uint32_t srcu_work_key(void);

/* The host's own CPUs: rcu.c, and the backend's. */
void rcu_worker(void *unused);
void srcu_worker(void *unused);

/* cpu.c */
struct host_cpu *cpu_claim(const char *name); /* NULL: none is free */
void cpu_unclaim(struct host_cpu *cpu);
void cpu_begin(struct host_cpu *cpu); /* on the new CPU */
void cpu_end(struct host_cpu *cpu);
void cpu_call_online_hook(struct host_cpu *cpu); /* once a CPU's life, as soon as there is a core */

struct host_thread {
	struct backend_thread backend;
	struct host_cpu *cpu;
	void (*function)(void *argument);
	void *argument;
	uint32_t started; /* a word for the one who spawned it to sleep on */
};
void thread_main(struct host_thread *thread); /* what the backend runs on the new thread */

/* The backend's part of all this. */
void backend_init(void); /* once, before there is a CPU */
int backend_thread_start(struct host_thread *thread); /* 0 or a positive errno */
void backend_thread_join(struct host_thread *thread);
void backend_cpu_begin(struct host_cpu *cpu); /* makes it this_cpu */
void backend_cpu_end(struct host_cpu *cpu);

/* signal.c */
void signals_init(void);
void signals_cpu_online(struct host_cpu *cpu);
void signals_cpu_offline(struct host_cpu *cpu);

#endif
