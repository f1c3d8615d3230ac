// SPDX-License-Identifier: GPL-2.0-only
/*
 * lock.c - spinlocks, rwlocks, mutexes, rwsems on host locks, and lockdep's questions about them.
 *
 * A host lock is one 32-bit word that is free when zero, so it lives in the first word of each kernel lock, which the
 * kernel's static initialisers leave zero.  The dep_map names the lock towards the host; its class cache holds the
 * host's
 * class.  The lock order is that of spec.md I-L3 and Documentation/virt/kvm/locking.rst.
 */
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "shim.h"

#define CLASSES_MAX 512

static const struct {
	const char *name;
	u16 rank;
} ranks[] = {
	{ "&kvm->lock", 10 },
	{ "&vcpu->mutex", 20 },
	{ "&kvm->slots_lock", 30 },
	{ "&kvm->slots_arch_lock", 40 },
	{ "&kvm->mmu_lock", 60 },
	{ "&(kvm)->mmu_lock", 60 },
	{ "&kvm->arch.tdp_mmu_pages_lock", 70 },
	{ "&kvm->arch.mmu_unsync_pages_lock", 70 },
};

static struct host_lock_class classes[CLASSES_MAX];
static unsigned int classes_count;
static bool classes_busy; /* a lock without a scheduling point: a class is met once a process, not once a run */

static struct host_lock_class *find_class(const char *name, bool sleeps)
{
	for (unsigned int i = 0; i < classes_count; i++)
		if (!strcmp(classes[i].name, name) && classes[i].sleeps == sleeps)
			return &classes[i];
	return NULL;
}

static struct host_lock_class *intern_class(const char *name, bool sleeps)
{
	struct host_lock_class *class;

	while (__atomic_exchange_n(&classes_busy, true, __ATOMIC_ACQUIRE))
		;
	class = find_class(name, sleeps);
	if (!class) {
		HOST_ASSERT(classes_count < CLASSES_MAX);
		class = &classes[classes_count];
		class->name = name;
		class->sleeps = sleeps;
		for (unsigned int i = 0; i < ARRAY_SIZE(ranks); i++)
			if (!strcmp(ranks[i].name, name))
				class->rank = ranks[i].rank;
		classes_count++;
	}
	__atomic_store_n(&classes_busy, false, __ATOMIC_RELEASE);
	return class;
}

/* Statically initialised locks meet their class at the first use. */
static const struct host_lock_class *class_of(struct lockdep_map *map, bool sleeps)
{
	struct host_lock_class *class = (void *)__atomic_load_n(&map->class_cache[0], __ATOMIC_ACQUIRE);

	if (unlikely(!class)) {
		class = intern_class(map->name ?: "anonymous lock", sleeps);
		__atomic_store_n(&map->class_cache[0], (void *)class, __ATOMIC_RELEASE);
	}
	return class;
}

/* real */
void lockdep_init_map_type(struct lockdep_map *map, const char *name, struct lock_class_key *key, int subclass,
			   u8 inner, u8 outer, u8 type)
{
	memset(map, 0, sizeof(*map));
	map->name = name;
	map->key = key;
}

/* ------------------------------------------------------------------------------------------- maps that are no lock */

#define MAPS_MAX 32

struct held_maps {
	unsigned int count;
	const struct lockdep_map *map[MAPS_MAX];
};
static DEFINE_PER_CPU(struct held_maps, held_maps);

/*
 * real: RCU and SRCU sections announce themselves here; locks do not, the host knows what is held of those.  A pair
 * around nothing (might_lock) is harmless.
 */
void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock, int read, int check,
		  struct lockdep_map *nest_lock, unsigned long ip)
{
	struct held_maps *held = raw_cpu_ptr(&held_maps);

	HOST_ASSERT(held->count < MAPS_MAX);
	held->map[held->count++] = map;
}

/* real */
void lock_release(struct lockdep_map *map, unsigned long ip)
{
	struct held_maps *held = raw_cpu_ptr(&held_maps);

	for (unsigned int i = held->count; i-- > 0;) {
		if (held->map[i] != map)
			continue;
		memmove(&held->map[i], &held->map[i + 1], (held->count - i - 1) * sizeof(held->map[0]));
		held->count--;
		return;
	}
	host_report(HOST_REPORT_LOCKDEP, NULL, 0, "release of %s, which is not held", map->name);
}

bool shim_map_is_held(const struct lockdep_map *map)
{
	const struct held_maps *held = raw_cpu_ptr(&held_maps);

	for (unsigned int i = held->count; i-- > 0;)
		if (held->map[i] == map)
			return true;
	return false;
}

/* real: @read 1 shared, 0 exclusive, -1 either */
int lock_is_held_type(const struct lockdep_map *map, int read)
{
	if (shim_map_is_held(map))
		return 1;
	if (read == 1)
		return host_lock_held(map, HOST_LOCK_SHARED) && !host_lock_held(map, HOST_LOCK_EXCLUSIVE);
	return host_lock_held(map, read == 0 ? HOST_LOCK_EXCLUSIVE : HOST_LOCK_SHARED);
}

/* real: lock conditions are evaluated */
int debug_locks = 1;
/* real */
int debug_locks_silent;

/* real: a lock condition failed elsewhere; conditions stay on */
int debug_locks_off(void)
{
	return 1;
}

/* ------------------------------------------------------------------------------------------------------- spinlocks */

static void spin_acquire_raw(raw_spinlock_t *lock)
{
	host_lock_acquire((struct host_lock *)&lock->raw_lock, HOST_LOCK_EXCLUSIVE, &lock->dep_map,
			  class_of(&lock->dep_map, false));
	__preempt_count_add(1);
}

static void spin_release_raw(raw_spinlock_t *lock)
{
	__preempt_count_sub(1);
	host_lock_release((struct host_lock *)&lock->raw_lock, HOST_LOCK_EXCLUSIVE, &lock->dep_map);
}

/* real */
void _raw_spin_lock(raw_spinlock_t *lock)
{
	spin_acquire_raw(lock);
}

/* real */
void _raw_spin_lock_nested(raw_spinlock_t *lock, int subclass)
{
	spin_acquire_raw(lock);
}

/* real */
int _raw_spin_trylock(raw_spinlock_t *lock)
{
	if (!host_lock_try((struct host_lock *)&lock->raw_lock, HOST_LOCK_EXCLUSIVE, &lock->dep_map,
			   class_of(&lock->dep_map, false)))
		return 0;
	__preempt_count_add(1);
	return 1;
}

/* real */
void _raw_spin_unlock(raw_spinlock_t *lock)
{
	spin_release_raw(lock);
}

/* real */
void _raw_spin_lock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	spin_acquire_raw(lock);
}

/* real */
void _raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	spin_release_raw(lock);
	local_irq_enable();
}

/* real */
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_acquire_raw(lock);
	return flags;
}

/* real */
void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	spin_release_raw(lock);
	local_irq_restore(flags);
}

/* real: there are no bottom halves to hold off */
void _raw_spin_lock_bh(raw_spinlock_t *lock)
{
	spin_acquire_raw(lock);
}

/* real */
void _raw_spin_unlock_bh(raw_spinlock_t *lock)
{
	spin_release_raw(lock);
}

/* --------------------------------------------------------------------------------------------------------- rwlocks */

/*
 * rwlock_is_contended() looks at the queue word of the kernel's own lock, so whoever has to wait counts itself in
 * there:
 * that is what makes rwlock_needbreak() true.
 */
static void rw_acquire(rwlock_t *lock, enum host_lock_mode mode)
{
	struct host_lock *word = (struct host_lock *)&lock->raw_lock;
	const struct host_lock_class *class = class_of(&lock->dep_map, false);

	bool may_wait = host_lock_is_locked(word, mode == HOST_LOCK_SHARED ? HOST_LOCK_EXCLUSIVE : HOST_LOCK_SHARED);

	if (may_wait)
		__atomic_fetch_add((u32 *)&lock->raw_lock.wait_lock, 1, __ATOMIC_RELAXED);
	host_lock_acquire(word, mode, &lock->dep_map, class);
	if (may_wait)
		__atomic_fetch_sub((u32 *)&lock->raw_lock.wait_lock, 1, __ATOMIC_RELAXED);
	__preempt_count_add(1);
	shim_resched_poll();
}

static void rw_release(rwlock_t *lock, enum host_lock_mode mode)
{
	__preempt_count_sub(1);
	host_lock_release((struct host_lock *)&lock->raw_lock, mode, &lock->dep_map);
}

/* real */
void _raw_read_lock(rwlock_t *lock)
{
	rw_acquire(lock, HOST_LOCK_SHARED);
}

/* real */
int _raw_read_trylock(rwlock_t *lock)
{
	if (!host_lock_try((struct host_lock *)&lock->raw_lock, HOST_LOCK_SHARED, &lock->dep_map,
			   class_of(&lock->dep_map, false)))
		return 0;
	__preempt_count_add(1);
	return 1;
}

/* real */
void _raw_read_unlock(rwlock_t *lock)
{
	rw_release(lock, HOST_LOCK_SHARED);
}

/* real */
void _raw_read_lock_irq(rwlock_t *lock)
{
	local_irq_disable();
	rw_acquire(lock, HOST_LOCK_SHARED);
}

/* real */
void _raw_read_unlock_irq(rwlock_t *lock)
{
	rw_release(lock, HOST_LOCK_SHARED);
	local_irq_enable();
}

/* real */
unsigned long _raw_read_lock_irqsave(rwlock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	rw_acquire(lock, HOST_LOCK_SHARED);
	return flags;
}

/* real */
void _raw_read_unlock_irqrestore(rwlock_t *lock, unsigned long flags)
{
	rw_release(lock, HOST_LOCK_SHARED);
	local_irq_restore(flags);
}

/* real */
void _raw_write_lock(rwlock_t *lock)
{
	rw_acquire(lock, HOST_LOCK_EXCLUSIVE);
}

/* real */
void _raw_write_unlock(rwlock_t *lock)
{
	rw_release(lock, HOST_LOCK_EXCLUSIVE);
}

/* real */
void _raw_write_lock_irq(rwlock_t *lock)
{
	local_irq_disable();
	rw_acquire(lock, HOST_LOCK_EXCLUSIVE);
}

/* real */
void _raw_write_unlock_irq(rwlock_t *lock)
{
	rw_release(lock, HOST_LOCK_EXCLUSIVE);
	local_irq_enable();
}

/* --------------------------------------------------------------------------------------------------------- mutexes */

static struct host_lock *mutex_word(const struct mutex *lock)
{
	return (struct host_lock *)&lock->owner;
}

/* A subclass is the caller's promise that nesting in the class is ordered: outside of ranks and the order graph. */
static const struct host_lock_class *mutex_class(struct mutex *lock, unsigned int subclass)
{
	static const struct host_lock_class nested = { .name = "nested mutex", .sleeps = true };

	return subclass ? &nested : class_of(&lock->dep_map, true);
}

static void init_mutex(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	memset(lock, 0, sizeof(*lock));
	lockdep_init_map_type(&lock->dep_map, name, key, 0, 0, 0, 0);
}

#if HAVE_MUTEX_INIT_LOCKDEP
/* real */
void mutex_init_lockdep(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	init_mutex(lock, name, key);
}

/* real */
void mutex_init_generic(struct mutex *lock)
{
	memset(lock, 0, sizeof(*lock));
}
#else
/* real */
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	init_mutex(lock, name, key);
}
#endif

/* real */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
{
	host_lock_acquire(mutex_word(lock), HOST_LOCK_EXCLUSIVE, &lock->dep_map, mutex_class(lock, subclass));
}

/* real */
void _mutex_lock_nest_lock(struct mutex *lock, struct lockdep_map *nest)
{
	mutex_lock_nested(lock, 1);
}

#if HAVE_MUTEX_KILLABLE_NEST
/* real: nobody is ever killed here */
int _mutex_lock_killable(struct mutex *lock, unsigned int subclass, struct lockdep_map *nest)
{
	mutex_lock_nested(lock, nest ? 1 : subclass);
	return 0;
}

/* real */
int _mutex_trylock_nest_lock(struct mutex *lock, struct lockdep_map *nest)
{
	return host_lock_try(mutex_word(lock), HOST_LOCK_EXCLUSIVE, &lock->dep_map, mutex_class(lock, nest ? 1 : 0));
}
#else
/* real: nobody is ever killed here */
int mutex_lock_killable_nested(struct mutex *lock, unsigned int subclass)
{
	mutex_lock_nested(lock, subclass);
	return 0;
}

/* real */
int mutex_trylock(struct mutex *lock)
{
	return host_lock_try(mutex_word(lock), HOST_LOCK_EXCLUSIVE, &lock->dep_map, mutex_class(lock, 0));
}
#endif

/* real */
void mutex_unlock(struct mutex *lock)
{
	host_lock_release(mutex_word(lock), HOST_LOCK_EXCLUSIVE, &lock->dep_map);
}

/* real */
bool mutex_is_locked(struct mutex *lock)
{
	return host_lock_is_locked(mutex_word(lock), HOST_LOCK_EXCLUSIVE);
}

/* ---------------------------------------------------------------------------------------------------------- rwsems */

static struct host_lock *rwsem_word(const struct rw_semaphore *semaphore)
{
	return (struct host_lock *)&semaphore->count;
}

/* real */
void __init_rwsem(struct rw_semaphore *semaphore, const char *name, struct lock_class_key *key)
{
	memset(semaphore, 0, sizeof(*semaphore));
	lockdep_init_map_type(&semaphore->dep_map, name, key, 0, 0, 0, 0);
}

/* real */
void down_read(struct rw_semaphore *semaphore)
{
	host_lock_acquire(rwsem_word(semaphore), HOST_LOCK_SHARED, &semaphore->dep_map,
			  class_of(&semaphore->dep_map, true));
}

/* real */
void up_read(struct rw_semaphore *semaphore)
{
	host_lock_release(rwsem_word(semaphore), HOST_LOCK_SHARED, &semaphore->dep_map);
}

/* real */
void down_write(struct rw_semaphore *semaphore)
{
	host_lock_acquire(rwsem_word(semaphore), HOST_LOCK_EXCLUSIVE, &semaphore->dep_map,
			  class_of(&semaphore->dep_map, true));
}

/* real */
void up_write(struct rw_semaphore *semaphore)
{
	host_lock_release(rwsem_word(semaphore), HOST_LOCK_EXCLUSIVE, &semaphore->dep_map);
}

/* real */
void __might_sleep(const char *file, int line)
{
	host_may_sleep(shim_below_tree(file));
}

/* real: @offsets is the preemption count that the caller will have dropped before it sleeps */
void __might_resched(const char *file, int line, unsigned int offsets)
{
	if (preempt_count() != (offsets & MIGHT_RESCHED_PREEMPT_MASK))
		host_may_sleep(shim_below_tree(file));
}

/* real: called where a lock is about to be dropped; what is held beside it is the host's question */
void __cant_sleep(const char *file, int line, int offset)
{
}

/* real */
void __might_fault(const char *file, int line)
{
	host_may_sleep(shim_below_tree(file));
}
