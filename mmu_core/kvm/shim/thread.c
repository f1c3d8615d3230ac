// SPDX-License-Identifier: GPL-2.0-only
/*
 * thread.c - the kernel threads that KVM starts (NX huge page recovery), each on a CPU of its own.
 *
 * Newer kernels give KVM a vhost_task, older ones a kthread; both are a function, a stop flag and a wake-up.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "shim.h"

/* ------------------------------------------------------------------------------------------ which of them are awake */

static bool is_worker[HOST_CPUS_MAX];
static unsigned int workers_awake;

static void worker_begins(void)
{
	is_worker[host_cpu_self()] = true;
}

void shim_worker_sleeps(void)
{
	if (!is_worker[host_cpu_self()])
		return;
	if (!__atomic_sub_fetch(&workers_awake, 1, __ATOMIC_RELEASE))
		host_event_wake(&workers_awake);
}

void shim_worker_wakes(void)
{
	if (is_worker[host_cpu_self()])
		__atomic_add_fetch(&workers_awake, 1, __ATOMIC_RELAXED);
}

static void worker_ends(void)
{
	shim_worker_sleeps();
	is_worker[host_cpu_self()] = false;
}

static struct host_thread *start_worker(const char *name, void (*function)(void *argument), void *argument)
{
	struct host_thread *thread;

	__atomic_add_fetch(&workers_awake, 1, __ATOMIC_RELAXED);
	HOST_ASSERT(!host_cpu_spawn(name, function, argument, &thread));
	return thread;
}

void shim_workers_settle(void)
{
	for (;;) {
		u32 key = host_event_key(&workers_awake);

		if (!__atomic_load_n(&workers_awake, __ATOMIC_ACQUIRE))
			return;
		host_event_wait(&workers_awake, key, 0);
	}
}

/* ------------------------------------------------------------------------------------------------------ vhost tasks */

#if HAVE_VHOST_TASK
#include <linux/sched/vhost_task.h>

struct vhost_task {
	bool (*function)(void *argument);
	void *argument;
	struct host_thread *thread;
	struct task_struct *task;
	bool stop;
};

/* The task sleeps whenever its function had nothing to do, and looks at the stop flag only after having said so. */
static void run_vhost_task(void *argument)
{
	struct vhost_task *vhost = argument;

	worker_begins();
	WRITE_ONCE(vhost->task, shim_current());
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(vhost->stop))
			break;
		if (!vhost->function(vhost->argument))
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	worker_ends();
}

#if HAVE_VHOST_TASK_ERR_PTR
#define VHOST_TASK_FAILED ERR_PTR(-ENOMEM)
#else
#define VHOST_TASK_FAILED NULL
#endif

/* real */
struct vhost_task *vhost_task_create(bool (*function)(void *), void (*killed)(void *), void *argument, const char *name)
{
	struct vhost_task *vhost = host_alloc(sizeof(*vhost), 0, HOST_ALLOC_ZERO);

	if (!vhost)
		return VHOST_TASK_FAILED;
	vhost->function = function;
	vhost->argument = argument;
	return vhost;
}

/* real */
void vhost_task_start(struct vhost_task *vhost)
{
	vhost->thread = start_worker("kvm-nx-recovery", run_vhost_task, vhost);
}

/* real */
void vhost_task_wake(struct vhost_task *vhost)
{
	struct task_struct *task = READ_ONCE(vhost->task);

	if (task)
		wake_up_process(task);
}

/* real */
void vhost_task_stop(struct vhost_task *vhost)
{
	WRITE_ONCE(vhost->stop, true);
	smp_mb();
	vhost_task_wake(vhost);
	host_thread_join(vhost->thread);
	host_free(vhost);
}

/* --------------------------------------------------------------------------------------------------------- kthreads */

#else

struct shim_kthread {
	int (*function)(void *argument);
	void *argument;
	struct host_thread *thread;
	struct task_struct *task, *parent;
	struct shim_kthread *next;
	bool woken, stop, park, parked;
	int result;
};

static struct shim_kthread *kthreads;
static struct host_lock kthreads_lock;
static const struct host_lock_class kthreads_class = { .name = "kthread list of the shim" };

static struct shim_kthread *find_kthread(struct task_struct *task)
{
	struct shim_kthread *thread;

	host_lock_acquire(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock, &kthreads_class);
	for (thread = kthreads; thread && thread->task != task; thread = thread->next)
		;
	host_lock_release(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock);
	HOST_ASSERT(thread);
	return thread;
}

/* Waits on the thread's own address until @flag has the value wanted. */
static void await(struct shim_kthread *thread, const bool *flag, bool wanted)
{
	for (;;) {
		u32 key = host_event_key(thread);

		if (READ_ONCE(*flag) == wanted)
			return;
		host_event_wait(thread, key, 0);
	}
}

static void set_flag(struct shim_kthread *thread, bool *flag, bool value)
{
	WRITE_ONCE(*flag, value);
	host_event_wake(thread);
}

static void run_kthread(void *argument)
{
	struct shim_kthread *thread = argument;

	worker_begins();
	shim_current()->real_parent = thread->parent;
	WRITE_ONCE(thread->task, shim_current());
	host_event_wake(thread);
	await(thread, &thread->woken, true);
	thread->result = thread->function(thread->argument);
	worker_ends();
}

/* real */
struct task_struct *kthread_create_on_node(int (*function)(void *), void *argument, int node, const char format[], ...)
{
	struct shim_kthread *thread = host_alloc(sizeof(*thread), 0, HOST_ALLOC_ZERO);

	if (!thread)
		return ERR_PTR(-ENOMEM);
	thread->function = function;
	thread->argument = argument;
	thread->parent = shim_current();
	thread->thread = start_worker("kvm-worker", run_kthread, thread);
	for (;;) {
		u32 key = host_event_key(thread);

		if (READ_ONCE(thread->task))
			break;
		host_event_wait(thread, key, 0);
	}
	host_lock_acquire(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock, &kthreads_class);
	thread->next = kthreads;
	kthreads = thread;
	host_lock_release(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock);
	set_flag(thread, &thread->woken, true);
	return thread->task;
}

/* real */
bool kthread_should_stop(void)
{
	return READ_ONCE(find_kthread(shim_current())->stop);
}

/* real */
bool kthread_should_park(void)
{
	return READ_ONCE(find_kthread(shim_current())->park);
}

/* real */
void kthread_parkme(void)
{
	struct shim_kthread *thread = find_kthread(shim_current());

	if (!READ_ONCE(thread->park))
		return;
	set_flag(thread, &thread->parked, true);
	await(thread, &thread->park, false);
	set_flag(thread, &thread->parked, false);
}

/* real */
int kthread_park(struct task_struct *task)
{
	struct shim_kthread *thread = find_kthread(task);

	WRITE_ONCE(thread->park, true);
	if (task == shim_current())
		return 0;
	wake_up_process(task);
	await(thread, &thread->parked, true);
	return 0;
}

/* real */
void kthread_unpark(struct task_struct *task)
{
	struct shim_kthread *thread = find_kthread(task);

	set_flag(thread, &thread->park, false);
}

/* real */
int kthread_stop(struct task_struct *task)
{
	struct shim_kthread *thread = find_kthread(task), **link;
	int result;

	WRITE_ONCE(thread->stop, true);
	kthread_unpark(task);
	wake_up_process(task);
	host_thread_join(thread->thread);
	host_lock_acquire(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock, &kthreads_class);
	for (link = &kthreads; *link != thread; link = &(*link)->next)
		;
	*link = thread->next;
	host_lock_release(&kthreads_lock, HOST_LOCK_EXCLUSIVE, &kthreads_lock);
	result = thread->result;
	host_free(thread);
	return result;
}

/* no-op: priorities mean nothing here */
void set_user_nice(struct task_struct *task, long nice)
{
}
#endif

/* ------------------------------------------------------------------------------------------------------ completions */

/* real */
void __init_swait_queue_head(struct swait_queue_head *queue, const char *name, struct lock_class_key *key)
{
	raw_spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->task_list);
}

/* real: the channel is the completion */
void complete(struct completion *completion)
{
	__atomic_fetch_add(&completion->done, 1, __ATOMIC_RELEASE);
	host_event_wake(completion);
}

/* real */
void wait_for_completion(struct completion *completion)
{
	for (;;) {
		u32 key = host_event_key(completion);
		unsigned int done = __atomic_load_n(&completion->done, __ATOMIC_ACQUIRE);

		if (done) {
			__atomic_fetch_sub(&completion->done, 1, __ATOMIC_ACQ_REL);
			return;
		}
		host_event_wait(completion, key, 0);
	}
}
