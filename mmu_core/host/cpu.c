// SPDX-License-Identifier: GPL-2.0-only
/*
 * cpu.c - CPUs: start, end, and what there is once a process.
 *
 * CPU 0 is the thread that called host_init(); 1 and 2 run RCU and SRCU callbacks.  Numbers are used again.
 * Locking: cpus_mutex for the table of numbers.
 */
#include <errno.h>
#include <limits.h>

#include "cpu.h"

#ifdef HOST_TSAN
const char *__tsan_default_options(void);
#endif

struct host_cpu host_cpus[HOST_CPUS_MAX];
const struct host_core_hooks *core_hooks;

#ifdef HOST_TSAN
/*
 * Lock order is held.c's business, by class and not by instance.  The longest history, or the first of two racing
 * stacks is gone by the time a race is seen.  Traps come where the code stands, not at any moment: their
 * hook may allocate.
 */
const char *__tsan_default_options(void)
{
	return "detect_deadlocks=0:history_size=7:atexit_sleep_ms=0:report_signal_unsafe=0";
}
#endif

static struct inner_mutex cpus_mutex = INNER_MUTEX_INIT;

struct host_cpu *cpu_claim(const char *name)
{
	struct host_cpu *claimed = NULL;

	inner_lock(&cpus_mutex);
	for (unsigned int i = 0; i < HOST_CPUS_MAX && !claimed; i++) {
		struct host_cpu *cpu = &host_cpus[i];

		if (cpu->in_use)
			continue;
		cpu->in_use = true;
		cpu->number = i;
		relaxed_store(&cpu->name, name);
		claimed = cpu;
	}
	inner_unlock(&cpus_mutex);
	return claimed;
}

void cpu_unclaim(struct host_cpu *cpu)
{
	inner_lock(&cpus_mutex);
	cpu->in_use = false;
	inner_unlock(&cpus_mutex);
}

void cpu_call_online_hook(struct host_cpu *cpu)
{
	const struct host_core_hooks *hooks = __atomic_load_n(&core_hooks, __ATOMIC_ACQUIRE);

	if (cpu->hook_called || !hooks)
		return;
	cpu->hook_called = true;
	if (hooks->cpu_online)
		hooks->cpu_online(cpu->number);
}

void cpu_begin(struct host_cpu *cpu)
{
	backend_cpu_begin(cpu);
	random_restart(cpu);
	cpu->resched_gap = 0;
	cpu->resched_due = false;
	cpu->slice_start_ns = clock_ns();
	signals_cpu_online(cpu);
	__atomic_store_n(&cpu->online, 1, __ATOMIC_SEQ_CST);
}

/* Everything that a CPU has begun must have ended.  The next CPU of this number starts afresh. */
static void check_nothing_held(struct host_cpu *cpu)
{
	char text[200];

	if (held_describe(cpu, text, sizeof(text)))
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "CPU %s ends and %s", cpu->name, text);
	if (cpu->reader_depth)
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "CPU %s ends inside a region that may not sleep", cpu->name);
	host_irq_enable();
	while (cpu->atomic_depth)
		atomic_exit(cpu);
	while (cpu->reader_depth)
		reader_exit(cpu);
	cpu->preempt_depth = cpu->rcu_depth = cpu->srcu_depth = 0;
	relaxed_store(&cpu->held_count, 0);
}

void cpu_end(struct host_cpu *cpu)
{
	const struct host_core_hooks *hooks = __atomic_load_n(&core_hooks, __ATOMIC_ACQUIRE);

	check_nothing_held(cpu);
	if (cpu->hook_called && hooks && hooks->cpu_offline)
		hooks->cpu_offline(cpu->number);
	cpu->hook_called = false;
	heap_cpu_offline();
	arena_cpu_offline();
	signals_cpu_offline(cpu);
	__atomic_store_n(&cpu->online, 0, __ATOMIC_SEQ_CST);
	backend_cpu_end(cpu);
}

void thread_main(struct host_thread *thread)
{
	cpu_begin(thread->cpu);
	cpu_call_online_hook(thread->cpu);
	__atomic_store_n(&thread->started, 1, __ATOMIC_SEQ_CST);
	futex_wake(&thread->started, INT_MAX, FUTEX_SIDE_ANY);
	thread->function(thread->argument);
	cpu_end(thread->cpu);
}

int host_cpu_spawn(const char *name, void (*function)(void *argument), void *argument, struct host_thread **thread)
{
	struct host_thread *new = host_memory_alloc(sizeof(*new));
	struct host_cpu *cpu = cpu_claim(name);
	int error = EAGAIN;

	if (cpu) {
		*new = (struct host_thread){ .cpu = cpu, .function = function, .argument = argument };
		error = backend_thread_start(new);
	}
	if (error) {
		if (cpu)
			cpu_unclaim(cpu);
		host_memory_free(new);
		return -EAGAIN;
	}
	while (!__atomic_load_n(&new->started, __ATOMIC_SEQ_CST))
		futex_wait(&new->started, 0, FUTEX_SIDE_ANY, 0);
	*thread = new;
	return 0;
}

void host_thread_join(struct host_thread *thread)
{
	host_may_sleep("waiting for a thread");
	backend_thread_join(thread);
	cpu_unclaim(thread->cpu);
	host_memory_free(thread);
}

unsigned int host_cpu_self(void)
{
	return likely(this_cpu) ? this_cpu->number : 0; /* reports of a thread that is no CPU yet */
}

bool host_cpu_is_online(unsigned int cpu)
{
	return cpu < HOST_CPUS_MAX && __atomic_load_n(&host_cpus[cpu].online, __ATOMIC_ACQUIRE);
}

const char *host_cpu_name(unsigned int cpu)
{
	return host_cpu_is_online(cpu) ? relaxed_load(&host_cpus[cpu].name) : "none";
}

void host_set_core_hooks(const struct host_core_hooks *hooks)
{
	__atomic_store_n(&core_hooks, hooks, __ATOMIC_RELEASE);
	cpu_call_online_hook(this_cpu);
}

int host_init(const struct host_config *config)
{
	static struct host_thread *rcu, *srcu;
	int error;

	host_settings.rcu = config->rcu;
	host_settings.quarantine_pages = config->quarantine_pages;
	backend_init();
	host_configure(config);
	error = memory_init();
	if (!error)
		error = arena_init();
	if (error)
		return error;
	signals_init();
	cpu_begin(cpu_claim("main"));
	error = host_cpu_spawn("rcu", rcu_worker, NULL, &rcu);
	return error ? error : host_cpu_spawn("srcu", srcu_worker, NULL, &srcu);
}
