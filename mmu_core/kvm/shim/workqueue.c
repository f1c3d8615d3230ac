// SPDX-License-Identifier: GPL-2.0-only
/*
 * workqueue.c - work items run in order on one worker CPU, which starts with the first item.
 *
 * Flushing waits until the worker has finished everything queued before.  Delayed work stays pending until it is
 * cancelled or flushed: its delays (KVM's clock update, 300 s) are longer than a VM lives here.
 */
#include <linux/workqueue.h>

#include "shim.h"

struct workqueue_struct {
	const char *name;
};

struct item {
	struct item *next;
	struct work_struct *work; /* NULL: cancelled */
};

static struct workqueue_struct system_queue = { .name = "system" };
/* real */
struct workqueue_struct *system_wq = &system_queue;
/* real */
struct workqueue_struct *system_long_wq = &system_queue;
/* real */
struct workqueue_struct *system_unbound_wq = &system_queue;
/* real */
struct workqueue_struct *system_percpu_wq = &system_queue;
/* real */
struct workqueue_struct *system_dfl_wq = &system_queue;

static struct host_lock lock;
static const struct host_lock_class lock_class = { .name = "work items of the shim" };
static struct item *first, **last = &first;
static struct work_struct *running;
static u64 queued, finished;
static struct host_thread *worker;
static bool worker_wanted;

static void acquire(void)
{
	host_lock_acquire(&lock, HOST_LOCK_EXCLUSIVE, &lock, &lock_class);
}

static void release(void)
{
	host_lock_release(&lock, HOST_LOCK_EXCLUSIVE, &lock);
}

static struct item *take_item(void)
{
	struct item *item;

	acquire();
	item = first;
	if (item) {
		first = item->next;
		if (!first)
			last = &first;
		running = item->work;
		if (running)
			clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(running));
	}
	release();
	return item;
}

static void work_for_ever(void *unused)
{
	for (;;) {
		u32 key = host_event_key(&queued);
		struct item *item = take_item();

		if (!item) {
			host_event_wait(&queued, key, 0);
			continue;
		}
		if (item->work)
			item->work->func(item->work);
		host_free(item);
		acquire();
		running = NULL;
		finished++;
		release();
		host_event_wake(&finished);
	}
}

/* real: false when it is pending already */
bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work)
{
	struct item *item;
	bool start;

	if (test_and_set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work)))
		return false;
	item = host_alloc(sizeof(*item), 0, HOST_ALLOC_NOFAIL | HOST_ALLOC_ZERO);
	item->work = work;
	acquire();
	*last = item;
	last = &item->next;
	queued++;
	start = !worker_wanted;
	worker_wanted = true;
	release();
	if (start)
		HOST_ASSERT(!host_cpu_spawn("kworker", work_for_ever, NULL, &worker));
	host_event_wake(&queued);
	return true;
}

/* modelled: pending until cancelled or flushed */
bool queue_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work, unsigned long delay)
{
	if (!delay)
		return queue_work_on(cpu, queue, &work->work);
	return !test_and_set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(&work->work));
}

/* modelled: as queue_delayed_work_on() */
bool mod_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work, unsigned long delay)
{
	return queue_delayed_work_on(cpu, queue, work, delay);
}

/* modelled: the timer of delayed work never fires */
void delayed_work_timer_fn(struct timer_list *timer)
{
}

static void await_finished(u64 target)
{
	host_may_sleep("flush_work");
	for (;;) {
		u32 key = host_event_key(&finished);
		bool done;

		acquire();
		done = finished >= target;
		release();
		if (done)
			return;
		host_event_wait(&finished, key, 0);
	}
}

/* real */
void __flush_workqueue(struct workqueue_struct *queue)
{
	u64 target;

	acquire();
	target = queued;
	release();
	await_finished(target);
}

/* real */
bool flush_work(struct work_struct *work)
{
	__flush_workqueue(system_wq);
	return true;
}

/* A waiting item stays in the queue, empty, so that flushing can count; a running one is waited for. */
static bool cancel(struct work_struct *work)
{
	struct item *item;
	bool runs;

	acquire();
	for (item = first; item && item->work != work; item = item->next)
		;
	if (item)
		item->work = NULL;
	runs = running == work;
	release();
	if (runs)
		__flush_workqueue(system_wq);
	return test_and_clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
}

/* real */
bool cancel_work_sync(struct work_struct *work)
{
	return cancel(work);
}

/* real */
bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel(&work->work);
}

static struct workqueue_struct *make_queue(const char *name)
{
	struct workqueue_struct *queue = host_alloc(sizeof(*queue), 0, HOST_ALLOC_ZERO);

	if (queue)
		queue->name = name;
	return queue;
}

#if HAVE_ALLOC_WORKQUEUE_NOPROF
/* real */
struct workqueue_struct *alloc_workqueue_noprof(const char *format, unsigned int flags, int active, ...)
#else
/* real */
struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int active, ...)
#endif
{
	return make_queue(format);
}

/* real */
void destroy_workqueue(struct workqueue_struct *queue)
{
	__flush_workqueue(queue);
	host_free(queue);
}
