// SPDX-License-Identifier: GPL-2.0-only
/* thread.c - a CPU is a POSIX thread that liburcu knows; the CPU for SRCU callbacks is the watchdog, too. */
#include <sys/prctl.h>

#include "cpu.h"
#include "mmu_core/schedule.h"

#define WAITING_NS 100000 /* between two looks at readers that callbacks wait for */
#define WATCH_NS 100000000

__thread struct host_cpu *this_cpu;
enum host_rcu_flavour rcu_flavour;

void backend_init(void)
{
	clock_start();
	rcu_flavour = host_settings.rcu;
}

void backend_cpu_begin(struct host_cpu *cpu)
{
	this_cpu = cpu;
	prctl(PR_SET_TIMERSLACK, 1UL); /* or every short delay of a scheduling point takes 50 us */
	if (rcu_flavour == HOST_RCU_MEMB)
		urcu_memb_register_thread();
	else
		urcu_mb_register_thread();
}

void backend_cpu_end(struct host_cpu *cpu)
{
	(void)cpu;
	if (rcu_flavour == HOST_RCU_MEMB)
		urcu_memb_unregister_thread();
	else
		urcu_mb_unregister_thread();
	this_cpu = NULL;
}

void backend_grace_period(void)
{
	if (rcu_flavour == HOST_RCU_MEMB)
		urcu_memb_synchronize_rcu();
	else
		urcu_mb_synchronize_rcu();
}

static void *run(void *argument)
{
	thread_main(argument);
	return NULL;
}

int backend_thread_start(struct host_thread *thread)
{
	int error = pthread_create(&thread->backend.thread, NULL, run, thread);

	if (!error)
		pthread_setname_np(thread->backend.thread, thread->cpu->name);
	return error;
}

void backend_thread_join(struct host_thread *thread)
{
	HOST_ASSERT(!pthread_join(thread->backend.thread, NULL));
}

/* Lives as long as the process. */
void srcu_worker(void *unused)
{
	uint64_t watched_ns = 0;

	(void)unused;
	for (;;) {
		uint32_t key = srcu_work_key();

		cpu_call_online_hook(this_cpu);
		srcu_work_await(key, srcu_run_callbacks() ? WAITING_NS : WATCH_NS);
		if (clock_ns() - watched_ns < WATCH_NS)
			continue;
		watched_ns = clock_ns();
		stall_watch();
	}
}

/* A thread's stack is its own business while it runs. */
unsigned int host_schedule_stack(unsigned int cpu, void **addresses, unsigned int max)
{
	(void)cpu;
	(void)addresses;
	(void)max;
	return 0;
}
