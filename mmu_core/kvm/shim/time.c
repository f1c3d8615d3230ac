// SPDX-License-Identifier: GPL-2.0-only
/*
 * time.c - the host's clock as ktime and jiffies.  Timers are kept but never fire: KVM arms them only for an in-kernel
 * interrupt controller, which these VMs do not have.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/timer.h>

#include "shim.h"

#undef jiffies
/* real: brought up to date whenever a task has slept or asks for the time */
unsigned long volatile jiffies;
/* modelled: 1 GHz */
unsigned int tsc_khz = 1000000;

void shim_time_tick(void)
{
	__atomic_store_n(&jiffies, host_time_ns() / (NSEC_PER_SEC / HZ), __ATOMIC_RELAXED);
}

/* real */
ktime_t ktime_get(void)
{
	return host_time_ns();
}

/* real */
ktime_t ktime_get_raw(void)
{
	return host_time_ns();
}

/* real */
ktime_t ktime_get_with_offset(enum tk_offsets offset)
{
	return host_time_ns();
}

/* real */
u64 ktime_get_mono_fast_ns(void)
{
	return host_time_ns();
}

/* real */
unsigned long __msecs_to_jiffies(const unsigned int milliseconds)
{
	shim_time_tick();
	return milliseconds / (MSEC_PER_SEC / HZ);
}

/* real */
unsigned long nsecs_to_jiffies(u64 ns)
{
	return ns / (NSEC_PER_SEC / HZ);
}

/* real */
u64 jiffies64_to_nsecs(u64 ticks)
{
	return ticks * (NSEC_PER_SEC / HZ);
}

#if HAVE_JIFFIES_TO_USECS_EXTERN
/* real */
unsigned int jiffies_to_usecs(const unsigned long ticks)
{
	return ticks * (USEC_PER_SEC / HZ);
}
#endif

/* real: delays are only ever for hardware to settle, and there is none */
void __delay(unsigned long loops)
{
}

/* real */
void __ndelay(unsigned long ns)
{
}

#if HAVE_HRTIMER_SETUP
/* modelled: never fires */
void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *), clockid_t clock,
		   enum hrtimer_mode mode)
{
	memset(timer, 0, sizeof(*timer));
}
#else
/* modelled: never fires */
void hrtimer_init(struct hrtimer *timer, clockid_t clock, enum hrtimer_mode mode)
{
	memset(timer, 0, sizeof(*timer));
}
#endif

/* modelled: no timer is ever pending */
int hrtimer_cancel(struct hrtimer *timer)
{
	return 0;
}

#if HAVE_TIMER_INIT_KEY
/* modelled: never fires */
void timer_init_key(struct timer_list *timer, void (*function)(struct timer_list *), unsigned int flags,
		    const char *name, struct lock_class_key *key)
{
	timer->function = function;
}
#else
/* modelled: never fires */
void init_timer_key(struct timer_list *timer, void (*function)(struct timer_list *), unsigned int flags,
		    const char *name, struct lock_class_key *key)
{
	timer->function = function;
}
#endif

/* real: messages are never suppressed; reports are counted by the host */
int ___ratelimit(struct ratelimit_state *state, const char *function)
{
	return 1;
}
