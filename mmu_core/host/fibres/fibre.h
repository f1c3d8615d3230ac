/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fibre.h - what the files of the fibres backend share.
 *
 *   fibre.c     stacks and their pool, switching between fibres, starting and joining them
 *   schedule.c  who runs next; virtual time; what happens when nobody can
 *   attempt.c   runs that may be given up from wherever they are
 *   wait.c      sleeping on words, channels, readers and time
 *   point.c     scheduling points: when somebody looks, what policies and traces see
 *   memory.c    memory for objects
 *   shadow.c    what ASan knows of memory, kept aside
 *   snapshot.c  all that a run may write, as it was, and back
 *   object.c    numbers for objects, in the order in which a run meets them
 *
 * Locking: none, there is one thread.  TSan does not see these files (CMakeLists.txt): they say themselves what orders
 * what.
 */
#ifndef MMU_CORE_HOST_FIBRES_FIBRE_H
#define MMU_CORE_HOST_FIBRES_FIBRE_H

#include "../cpu.h"
#include "mmu_core/schedule.h"

#define for_each_cpu_of(cpu, mask)                               \
	for (uint64_t left_ = (mask); left_; left_ &= left_ - 1) \
		for (struct host_cpu *cpu = &host_cpus[__builtin_ctzll(left_)]; cpu; cpu = NULL)

/* -------------------------------------------------------------------------------------------------- switch_*.S, *.c */

/* Saves the caller's registers on its stack, where they are to *@save, and goes on where @load was saved. */
void fibre_switch(void **save, void *load);
/* What to load to begin @entry on a fresh stack, which ends at @top; the @bytes below it are the stack's. */
void *fibre_frame(void *top, void (*entry)(void), size_t bytes);

/* ---------------------------------------------------------------------------------------------------------- fibre.c */

void fibre_switch_to(struct host_cpu *next);
bool fibre_owns_address(const struct fibre *fibre, const void *address);
struct fibre_stack {
	char *lowest, *used;
	size_t used_bytes; /* up to its end */
};
void fibre_stack(const struct fibre *fibre, struct fibre_stack *stack); /* of one that does not run */
/* If somebody wants to see this fibre's stack and has switched here for it: shows it and goes back. */
void fibre_show_stack_if_asked(void);

/* -------------------------------------------------------------------------------------------------------- attempt.c */

void attempt_end_if_abandoned(void);

/* ------------------------------------------------------------------------------------------------------- schedule.c */

extern struct schedule_state {
	uint64_t runnable; /* CPUs that can run */
	uint64_t asleep; /* CPUs that wait for something */
	uint64_t timed; /* CPUs that sleep until a time at most */
	uint64_t next_deadline_ns; /* of those; UINT64_MAX: none */
	const struct host_schedule *policy; /* NULL: none */
	uint64_t switches;
	uint64_t switched_at; /* points passed at the last switch, */
	uint64_t rotated_at; /* and when a CPU last gave way to the next one */
	uint64_t skipped_ns; /* virtual time that no point stands for */
} scheduler;

/* The running CPU sleeps until schedule_wake(@object), or @timeout_ns have passed (0: for ever). */
void schedule_sleep(enum host_point_kind kind, const void *object, uint64_t timeout_ns);
void schedule_wake(const void *object);
void schedule_start(struct host_cpu *cpu); /* it can run from now on */
void schedule_exit(void); /* the running CPU never comes back */
uint64_t schedule_points_until_deadline(void); /* at least 1 */
void schedule_timers(void); /* wakes whose time has come */
struct host_cpu *schedule_choose(struct host_choice *choice, uint64_t enabled); /* lowest, without a policy */
struct host_cpu *schedule_after(const struct host_cpu *cpu); /* the next that can run, round the table */
void schedule_go(struct host_cpu *next);
void schedule_settle(void); /* CPU 0 is the only one that can run when this returns */

/* ---------------------------------------------------------------------------------------------------------- point.c */

uint64_t points_passed(void); /* in this run */
void points_look_again(void); /* the next look is due when something has changed */
void points_restart(void); /* a run begins */
struct host_choice points_choice(enum host_point_kind kind, const void *object, const void *site);

/* --------------------------------------------------------------------------------------------------------- memory.c */

#define MEMORY_BYTES (32UL << 30)
uintptr_t memory_base(void);
uintptr_t memory_top(void); /* of what has been used */
/* As arena_new_life(); @shadow: what shadow_copy() gave of all that has been used, in another life. */
void memory_new_life(bool same, const void *shadow);

/* --------------------------------------------------------------------------------------------- shadow.c, snapshot.c */

/* What ASan knows of these bytes, from malloc(); NULL without ASan.  And back. */
void *shadow_copy(const void *start, size_t bytes);
void shadow_restore(const void *start, size_t bytes, const void *copy);
void shadow_clear(const void *start, size_t bytes); /* all of it may be used */

/* In a way that no sanitizer sees: what is copied may be poisoned, or be the shadow of what is. */
static inline void copy_unseen(void *to, const void *from, size_t bytes)
{
#ifdef __x86_64__
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
	__builtin_memcpy(to, from, bytes);
#endif
}

/* --------------------------------------------------------------------------------------------------------- object.c */

uint32_t object_number(const void *object); /* 0 for NULL */
void objects_restart(void);

#endif
