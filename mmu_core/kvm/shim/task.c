// SPDX-License-Identifier: GPL-2.0-only
/*
 * task.c - tasks, sleeping and waking, signals.  Each logical CPU runs one task, for ever; "current" is that task.
 */
#if __has_include(<linux/entry-virt.h>)
#include <linux/entry-virt.h>
#else
#include <linux/entry-kvm.h>
#endif
#include <linux/kvm_host.h>
#include <linux/preempt.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/swait.h>

#include "shim.h"

static struct task_struct *tasks[HOST_CPUS_MAX];
static struct pid pids[HOST_CPUS_MAX];

#if HAVE_PCPU_HOT
/* real */
DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot);
#elif HAVE_PER_CPU_CACHE_HOT
/* real */
DEFINE_PER_CPU_CACHE_HOT(struct task_struct *, current_task);
/* real */
DEFINE_PER_CPU_CACHE_HOT(int, __preempt_count);
/* real */
DEFINE_PER_CPU_CACHE_HOT(int, cpu_number);
#else
/* real */
DEFINE_PER_CPU(struct task_struct *, current_task);
/* real */
DEFINE_PER_CPU(int, __preempt_count);
/* real */
DEFINE_PER_CPU_READ_MOSTLY(int, cpu_number);
#endif

static void set_identity(unsigned int cpu, struct task_struct *task)
{
#if HAVE_PCPU_HOT
	raw_cpu_write(pcpu_hot.current_task, task);
	raw_cpu_write(pcpu_hot.cpu_number, cpu);
	raw_cpu_write(pcpu_hot.preempt_count, PREEMPT_ENABLED);
#else
	raw_cpu_write(current_task, task);
	raw_cpu_write(cpu_number, cpu);
	raw_cpu_write(__preempt_count, PREEMPT_ENABLED);
#endif
}

void shim_tasks_boot(void)
{
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		struct task_struct *task = host_alloc(sizeof(*task), 64, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);

		refcount_set(&task->usage, 1);
		task->pid = cpu + 1;
		refcount_set(&pids[cpu].count, 1);
		tasks[cpu] = task;
	}
}

/* A CPU number that is used again keeps its task: KVM compares tasks and pids only for equality. */
void shim_task_begin(unsigned int cpu)
{
	struct task_struct *task = tasks[cpu];

	task->thread_info.flags = 0;
	task->mm = NULL;
	WRITE_ONCE(task->__state, TASK_RUNNING);
	set_identity(cpu, task);
}

struct task_struct *shim_current(void)
{
	return tasks[host_cpu_self()];
}

struct task_struct *shim_task_of_cpu(unsigned int cpu)
{
	return tasks[cpu];
}

void shim_task_set_mm(struct mm_struct *mm)
{
	shim_current()->mm = mm;
}

/* A task that sleeps interruptibly wakes up for a signal. */
void shim_task_set_signal(struct task_struct *task, bool pending)
{
	if (!pending) {
		clear_tsk_thread_flag(task, TIF_SIGPENDING);
		return;
	}
	set_tsk_thread_flag(task, TIF_SIGPENDING);
	wake_up_process(task);
}

/* real */
struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	return &pids[task->pid - 1];
}

/* real: pids live as long as the process */
void put_pid(struct pid *pid)
{
}

/* real */
pid_t pid_vnr(struct pid *pid)
{
	return pid - pids + 1;
}

/* real */
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	return pid ? tasks[pid - pids] : NULL;
}

/* real: tasks live as long as the process */
void __put_task_struct(struct task_struct *task)
{
}

/* ------------------------------------------------------------------------------------------------- sleep and wake */

static bool must_wake(struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->__state);

	return state == TASK_RUNNING || ((state & TASK_INTERRUPTIBLE) && signal_pending(task));
}

/* The state is the condition: whoever wakes a task makes it RUNNING first. */
static void sleep_until(struct task_struct *task, u64 deadline_ns)
{
	host_may_sleep("schedule");
	for (;;) {
		u32 key = host_event_key(task);
		u64 now = host_time_ns();

		if (must_wake(task) || now >= deadline_ns)
			break;
		shim_worker_sleeps();
		host_event_wait(task, key, deadline_ns == U64_MAX ? 0 : deadline_ns - now);
		shim_worker_wakes();
	}
	WRITE_ONCE(task->__state, TASK_RUNNING);
	shim_time_tick();
}

/* real: called with a state that is not RUNNING it sleeps, else it gives the processor away once */
void schedule(void)
{
	struct task_struct *task = shim_current();

	clear_tsk_need_resched(task);
	if (READ_ONCE(task->__state) == TASK_RUNNING)
		host_yield();
	else
		sleep_until(task, U64_MAX);
}

/* real */
long schedule_timeout(long timeout)
{
	u64 start = host_time_ns(), slept;

	sleep_until(shim_current(), timeout == MAX_SCHEDULE_TIMEOUT ? U64_MAX : start + jiffies_to_nsecs(timeout));
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	slept = nsecs_to_jiffies(host_time_ns() - start);
	return slept >= timeout ? 0 : timeout - slept;
}

/* real */
int wake_up_process(struct task_struct *task)
{
	unsigned int old = xchg(&task->__state, TASK_RUNNING);

	host_point(HOST_POINT_WAKE, task);
	host_event_wake(task);
	return old != TASK_RUNNING;
}

/* real */
int rcuwait_wake_up(struct rcuwait *wait)
{
	struct task_struct *task;
	int woken = 0;

	rcu_read_lock();
	smp_mb();
	task = rcu_dereference(wait->task);
	if (task)
		woken = wake_up_process(task);
	rcu_read_unlock();
	return woken;
}

/* real */
void finish_rcuwait(struct rcuwait *wait)
{
	rcu_assign_pointer(wait->task, NULL);
	__set_current_state(TASK_RUNNING);
}

/* real: one logical CPU runs one task */
bool single_task_running(void)
{
	return true;
}

/* real */
int yield_to(struct task_struct *task, bool preempt)
{
	host_yield();
	return 1;
}

/* real: as above */
void __put_task_struct_rcu_cb(struct rcu_head *head)
{
}

/* -------------------------------------------------------------------------------------------- before a guest entry */

/* A signal ends KVM_RUN, a reschedule request yields (kernel/entry/). */
static int finish_task_work(void)
{
	while (read_thread_flags() & XFER_TO_GUEST_MODE_WORK) {
		if (signal_pending(shim_current()))
			return -EINTR;
		if (need_resched())
			schedule();
	}
	return 0;
}

#if HAVE_XFER_WORK_OF_VCPU
/* real: KVM is told of the signal from in here */
int xfer_to_guest_mode_handle_work(struct kvm_vcpu *vcpu)
{
	int error = finish_task_work();

	if (error)
		kvm_handle_signal_exit(vcpu);
	return error;
}
#else
/* real */
int xfer_to_guest_mode_handle_work(void)
{
	return finish_task_work();
}
#endif

/*
 * no-op: whoever ends a region that may not be preempted goes on; KVM's own points yield (the caller keeps registers)
 */
asm(".globl preempt_schedule_thunk\n"
    ".type preempt_schedule_thunk, @function\n"
    "preempt_schedule_thunk:\n"
    "	ret\n");

/* no-op: a logical CPU is never taken away from its task, so nobody is to be told */
void preempt_notifier_inc(void)
{
}

/* no-op: as above */
void preempt_notifier_dec(void)
{
}

/* no-op: as above */
void preempt_notifier_register(struct preempt_notifier *notifier)
{
}

/* no-op: as above */
void preempt_notifier_unregister(struct preempt_notifier *notifier)
{
}

/* no-op: signal masks belong to a real process */
int sigprocmask(int how, sigset_t *set, sigset_t *old)
{
	return 0;
}

/* real: the harness is allowed everything */
bool capable(int capability)
{
	return true;
}
