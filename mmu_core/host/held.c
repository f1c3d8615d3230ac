// SPDX-License-Identifier: GPL-2.0-only
/*
 * held.c - which locks a CPU holds, and lockdep in small: the order in which classes of locks are taken.
 *
 * Two rules.  Ranks: a CPU that holds a lock of rank r takes only locks of rank > r (spec.md I-L3).  Order: once a lock
 * of class A was held while one of class B was taken, B is never held while A is taken, over any number of steps; this
 * needs no rank.  Each pair is reported once.
 * Locking: a CPU's stack is written by that CPU only, atomically, because reports of stalls read it from outside.
 */
#include <stdio.h>

#include "cpu.h"

static const struct host_lock_class *classes[CLASSES_MAX]; /* a hash table: class_number is the slot */
static struct class_set taken_after[CLASSES_MAX]; /* [a] has b: b was taken while a was held */
static struct inner_mutex order_mutex = INNER_MUTEX_INIT; /* additions to taken_after */

unsigned int class_number_of(const struct host_lock_class *class)
{
	unsigned int first = (unsigned int)(((uintptr_t)class >> 3) * 0x9e3779b97f4a7c15ULL >> 56);

	for (unsigned int i = 0; i < CLASSES_MAX; i++) {
		unsigned int slot = (first + i) % CLASSES_MAX;
		const struct host_lock_class *there = relaxed_load(&classes[slot]);

		if (likely(there == class))
			return slot;
		if (!there && (__atomic_compare_exchange_n(&classes[slot], &there, class, false, __ATOMIC_RELAXED,
							   __ATOMIC_RELAXED) ||
			       there == class))
			return slot;
	}
	HOST_ASSERT(!"more than CLASSES_MAX classes of locks");
	return 0;
}

const char *class_name(unsigned int class_number)
{
	return relaxed_load(&classes[class_number])->name;
}

/* Depth-first over what was ever taken after @from. */
static bool reaches(unsigned int from, unsigned int to, struct class_set *visited)
{
	if (class_set_has(&taken_after[from], to))
		return true;
	class_set_add(visited, from);
	for (unsigned int next = 0; next < CLASSES_MAX; next++) {
		if (class_set_has(&taken_after[from], next) && !class_set_has(visited, next) &&
		    reaches(next, to, visited))
			return true;
	}
	return false;
}

static void order_learn(unsigned int held, unsigned int taken)
{
	struct class_set visited = { { 0 } };
	bool inverted;

	inner_lock(&order_mutex);
	inverted = !class_set_has(&taken_after[held], taken) && reaches(taken, held, &visited);
	class_set_add(&taken_after[held], taken);
	inner_unlock(&order_mutex);
	if (inverted)
		host_report(HOST_REPORT_LOCKDEP, NULL, 0,
			    "lock order: %s is taken while %s is held, but was held before when %s was taken",
			    class_name(taken), class_name(held), class_name(held));
}

/* Before a CPU waits for a lock: may it, given what it holds? */
void held_check(struct host_cpu *cpu, const void *id, const struct host_lock_class *class, unsigned int class_number)
{
	for (unsigned int i = 0; i < cpu->held_count; i++) {
		const struct held *held = &cpu->held[i];

		if (!held->lock)
			continue;
		if (held->id == id)
			host_report(HOST_REPORT_LOCKDEP, NULL, 0, "%s is taken by a CPU that holds it already",
				    class->name);
		if (class->rank && held->class->rank >= class->rank)
			host_report(HOST_REPORT_LOCKDEP, NULL, 0,
				    "lock rank: %s (rank %u) is taken while %s (rank %u) is held", class->name,
				    class->rank, held->class->name, held->class->rank);
		if (held->class_number != class_number &&
		    unlikely(!class_set_has(&taken_after[held->class_number], class_number)))
			order_learn(held->class_number, class_number);
	}
}

void held_push(struct host_cpu *cpu, const struct host_lock *lock, const void *id, const struct host_lock_class *class,
	       unsigned int class_number, enum host_lock_mode mode)
{
	struct held *held = &cpu->held[cpu->held_count];

	HOST_ASSERT(cpu->held_count < HELD_MAX);
	relaxed_store(&held->id, id);
	relaxed_store(&held->class, class);
	relaxed_store(&held->lock, lock);
	relaxed_store(&held->class_number, (uint16_t)class_number);
	relaxed_store(&held->mode, (uint8_t)mode);
	relaxed_store(&cpu->held_count, cpu->held_count + 1);
}

bool held_remove(struct host_cpu *cpu, const struct host_lock *lock, const void *id, enum host_lock_mode mode,
		 struct held *removed)
{
	for (unsigned int i = cpu->held_count; i--;) {
		struct held *held = &cpu->held[i];

		if (held->lock != lock || held->id != id || held->mode != mode)
			continue;
		*removed = *held;
		for (; i + 1 < cpu->held_count; i++) {
			const struct held *above = &cpu->held[i + 1];

			relaxed_store(&cpu->held[i].id, above->id);
			relaxed_store(&cpu->held[i].class, above->class);
			relaxed_store(&cpu->held[i].lock, above->lock);
			relaxed_store(&cpu->held[i].class_number, above->class_number);
			relaxed_store(&cpu->held[i].mode, above->mode);
		}
		relaxed_store(&cpu->held_count, cpu->held_count - 1);
		return true;
	}
	return false;
}

/* ----------------------------------------------------------------------------------------------------- for reports */

/* The CPU that keeps others from what @id names, and its entry for it; NULL: none, or nobody knows. */
static const struct host_cpu *holder_of(const void *id, const struct held **held)
{
	for (unsigned int i = 0; i < HOST_CPUS_MAX; i++) {
		const struct host_cpu *cpu = &host_cpus[i];
		unsigned int count = relaxed_load(&cpu->held_count);

		if (!id || !host_cpu_is_online(i))
			continue;
		for (unsigned int j = 0; j < count && j < HELD_MAX; j++) {
			*held = &cpu->held[j];
			if (relaxed_load(&(*held)->id) == id && relaxed_load(&(*held)->class))
				return cpu;
		}
	}
	return NULL;
}

const char *held_awaited(const struct host_cpu *cpu)
{
	const char *what = relaxed_load(&cpu->wait_what);
	const struct held *held;

	if (!what || !holder_of(relaxed_load(&cpu->wait_object), &held))
		return what;
	return relaxed_load(&held->class)->name;
}

static bool is_cpu(const void *object)
{
	return (uintptr_t)object - (uintptr_t)host_cpus < sizeof(host_cpus);
}

static void describe_wait(const char *what, const void *object, char *text, size_t bytes)
{
	const struct host_cpu *target = object, *holder;
	const struct held *held;

	holder = holder_of(object, &held);
	if (holder)
		snprintf(text, bytes, "waits in %s for %s(%p), which CPU %u (%s) %s", what,
			 relaxed_load(&held->class)->name, object, holder->number, holder->name,
			 relaxed_load(&held->mode) == HOST_LOCK_SHARED ? "shares" : "holds");
	else if (is_cpu(object))
		snprintf(text, bytes, "waits in %s for CPU %u (%s)%s", what, target->number, target->name,
			 relaxed_load(&target->irqs_off) ? ", which has interrupts off" : "");
	else
		snprintf(text, bytes, "waits in %s for %p", what, object);
}

/* NULL: holds nothing and waits for nothing. */
const char *held_describe(const struct host_cpu *cpu, char *text, size_t bytes)
{
	unsigned int count = relaxed_load(&cpu->held_count);
	const char *what = relaxed_load(&cpu->wait_what);
	size_t used = 0;

	if (!count && !what)
		return NULL;
	text[0] = 0;
	for (unsigned int i = 0; i < count && i < HELD_MAX && used < bytes; i++) {
		const struct host_lock_class *class = relaxed_load(&cpu->held[i].class);

		used += (size_t)snprintf(text + used, bytes - used, "%s%s %s(%p)", used ? ", " : "",
					 relaxed_load(&cpu->held[i].mode) == HOST_LOCK_SHARED ? "shares" : "holds",
					 class ? class->name : "?", relaxed_load(&cpu->held[i].id));
	}
	if (what && used + 2 < bytes) {
		if (used)
			used += (size_t)snprintf(text + used, bytes - used, ", ");
		describe_wait(what, relaxed_load(&cpu->wait_object), text + used, bytes - used);
	}
	return text;
}

bool host_lock_held(const void *id, enum host_lock_mode mode)
{
	const struct host_cpu *cpu = this_cpu;

	for (unsigned int i = 0; i < cpu->held_count; i++) {
		if (cpu->held[i].lock && cpu->held[i].id == id &&
		    (mode == HOST_LOCK_SHARED || cpu->held[i].mode == HOST_LOCK_EXCLUSIVE))
			return true;
	}
	return false;
}

unsigned int host_locks_held_count(void)
{
	const struct host_cpu *cpu = this_cpu;

	return cpu->held_count - cpu->srcu_depth;
}

bool host_may_sleep(const char *what)
{
	const struct host_cpu *cpu = this_cpu;

	if (likely(!cpu->reader_depth))
		return true;
	host_report(HOST_REPORT_LOCKDEP, NULL, 0, "%s may sleep, but the CPU %s%s%s%s", what,
		    cpu->irqs_off ? "has interrupts off, " : "", cpu->preempt_depth ? "has preemption off, " : "",
		    cpu->rcu_depth ? "is in an RCU read section, " : "",
		    cpu->held_count > cpu->srcu_depth ? cpu->held[cpu->held_count - 1].class->name : "holds no lock");
	return false;
}
