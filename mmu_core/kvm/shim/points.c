// SPDX-License-Identifier: GPL-2.0-only
/* points.c - scheduling points of kernel code; also where an injected reschedule request becomes visible. */
#include <linux/sched.h>

#include "shim.h"
#include "shim_point.h"

static_assert(SHIM_POINT_LOAD == HOST_POINT_LOAD);
static_assert(SHIM_POINT_STORE == HOST_POINT_STORE);
static_assert(SHIM_POINT_ATOMIC == HOST_POINT_ATOMIC);

#ifdef MMUTORTURE_POINTS
void shim_point(int kind, const void *object)
{
	host_point_at(kind, object, __builtin_return_address(0));
}
#endif

/*
 * real: KVM yields where need_resched() says so, and that reads a flag of the running thread; host_resched_wanted()
 * decides when somebody would have set it.
 */
static void take_resched_wish(void)
{
	if (host_resched_wanted())
		set_tsk_need_resched(shim_current());
}

/* Called where a lock that KVM may yield has been taken. */
void shim_resched_poll(void)
{
	take_resched_wish();
}

static int reschedule(void)
{
	host_may_sleep("cond_resched");
	host_point(HOST_POINT_RESCHED, NULL);
	if (!test_tsk_need_resched(shim_current()))
		return 0;
	clear_tsk_need_resched(shim_current());
	host_yield();
	return 1;
}

/* real */
int __cond_resched(void)
{
	take_resched_wish();
	return reschedule();
}

static int reschedule_lock(rwlock_t *lock, bool write)
{
	if (write)
		write_unlock(lock);
	else
		read_unlock(lock);
	clear_tsk_need_resched(shim_current());
	host_point(HOST_POINT_RESCHED, lock);
	host_yield();
	if (write)
		write_lock(lock);
	else
		read_lock(lock);
	return 1;
}

/* real */
int __cond_resched_rwlock_read(rwlock_t *lock)
{
	lockdep_assert_held_read(lock);
	return need_resched() || rwlock_needbreak(lock) ? reschedule_lock(lock, false) : 0;
}

/* real */
int __cond_resched_rwlock_write(rwlock_t *lock)
{
	lockdep_assert_held_write(lock);
	return need_resched() || rwlock_needbreak(lock) ? reschedule_lock(lock, true) : 0;
}

/* real */
int __cond_resched_lock(spinlock_t *lock)
{
	lockdep_assert_held(lock);
	if (!need_resched())
		return 0;
	spin_unlock(lock);
	reschedule();
	spin_lock(lock);
	return 1;
}
