// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipi.c - interrupts: the flag of a CPU, and functions that other CPUs want to run there.
 *
 * A thread cannot be interrupted, so a sender takes the interrupts of a CPU that has them on in its place.  The state
 * word makes that safe: IRQ_BUSY excludes IRQ_OFF, so the target cannot enter a region with interrupts off while a
 * function runs for it, and a function never runs while the target is inside one.  Whoever pushed an interrupt either
 * finds IRQ_OFF, and the target will see the queue when it enables them, or drains the queue itself: nothing is lost,
 * two senders cannot wait for each other, and a CPU that is gone counts as one with interrupts on.
 */
#include <limits.h>

#include "cpu.h"

struct ipi {
	struct ipi *next;
	void (*function)(void *argument);
	void *argument;
	bool wait; /* on the sender's stack; else allocated */
	uint32_t done;
};

/* Runs all that is queued, oldest first.  Interrupts are off on the CPU that runs it. */
static void take_ipis(struct host_cpu *target)
{
	struct ipi *newest = __atomic_exchange_n(&target->ipis, NULL, __ATOMIC_SEQ_CST);
	struct ipi *oldest = NULL;

	while (newest) {
		struct ipi *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct ipi *ipi = oldest;

		oldest = ipi->next;
		ipi->function(ipi->argument);
		if (!ipi->wait) {
			host_memory_free(ipi);
			continue;
		}
		__atomic_store_n(&ipi->done, 1, __ATOMIC_SEQ_CST); /* the sender may be gone from here on */
		futex_wake(&ipi->done, INT_MAX, FUTEX_SIDE_ANY);
	}
}

static void relax_or_yield(unsigned int *spins)
{
	if (++*spins % 32)
		cpu_relax();
	else
		thread_yield();
}

/* Waits while a sender takes this CPU's interrupts. */
static inline void set_off(struct host_cpu *cpu)
{
	unsigned int spins = 0;

	while (unlikely(!word_cas(&cpu->irq_state, 0, IRQ_OFF)))
		relax_or_yield(&spins);
}

void host_irq_disable(void)
{
	struct host_cpu *cpu = this_cpu;

	if (cpu->irqs_off)
		return;
	point(HOST_POINT_IPI, cpu);
	set_off(cpu);
	cpu->irqs_off = true;
	atomic_enter(cpu);
}

void host_irq_enable(void)
{
	struct host_cpu *cpu = this_cpu;

	if (!cpu->irqs_off)
		return;
	for (;;) {
		while (unlikely(__atomic_load_n(&cpu->ipis, __ATOMIC_SEQ_CST)))
			take_ipis(cpu);
		point(HOST_POINT_IPI, cpu);
		word_exchange(&cpu->irq_state, 0);
		/* Pushed between the look and the exchange, by a sender that still saw IRQ_OFF? */
		if (likely(!__atomic_load_n(&cpu->ipis, __ATOMIC_SEQ_CST)))
			break;
		set_off(cpu);
	}
	cpu->irqs_off = false;
	atomic_exit(cpu);
}

bool host_irq_disabled(void)
{
	return this_cpu->irqs_off;
}

bool host_irq_pending(void)
{
	const struct host_cpu *cpu = this_cpu;

	return __atomic_load_n(&cpu->irq_state, __ATOMIC_ACQUIRE) & IRQ_KICKED ||
	       __atomic_load_n(&cpu->ipis, __ATOMIC_ACQUIRE);
}

/* An interrupt with nothing to run is taken at once by a CPU that has interrupts on, without a trace. */
static void kick(struct host_cpu *target)
{
	uint32_t seen = __atomic_load_n(&target->irq_state, __ATOMIC_SEQ_CST);

	while ((seen & IRQ_OFF) && !__atomic_compare_exchange_n(&target->irq_state, &seen, seen | IRQ_KICKED, false,
								__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

/* Takes the target's interrupts for it, unless it has them off: then it will. */
static void take_for(struct host_cpu *target)
{
	unsigned int spins = 0;

	for (;;) {
		uint32_t seen = __atomic_load_n(&target->irq_state, __ATOMIC_SEQ_CST);

		if (seen & IRQ_OFF)
			return;
		if (!seen && __atomic_compare_exchange_n(&target->irq_state, &seen, IRQ_BUSY, false, __ATOMIC_SEQ_CST,
							 __ATOMIC_RELAXED))
			break;
		relax_or_yield(&spins);
	}
	switching_off();
	take_ipis(target);
	switching_on();
	__atomic_fetch_and(&target->irq_state, ~(uint32_t)IRQ_BUSY, __ATOMIC_SEQ_CST);
}

static void push(struct host_cpu *target, struct ipi *ipi)
{
	ipi->next = relaxed_load(&target->ipis);
	while (!__atomic_compare_exchange_n(&target->ipis, &ipi->next, ipi, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* With interrupts off, as the function expects them. */
static void run_or_push(struct host_cpu *target, struct ipi *ipi)
{
	struct host_cpu *cpu = this_cpu;
	bool were_off = cpu->irqs_off;

	host_irq_disable();
	if (target == cpu) {
		ipi->function(ipi->argument);
		ipi->done = 1;
		if (!ipi->wait)
			host_memory_free(ipi);
	} else {
		push(target, ipi);
		take_for(target);
	}
	if (!were_off)
		host_irq_enable();
}

static void wait_for(struct host_cpu *target, struct ipi *ipi)
{
	unsigned int spins = 0;

	if (likely(__atomic_load_n(&ipi->done, __ATOMIC_SEQ_CST)))
		return;
	if (this_cpu->irqs_off)
		host_report(HOST_REPORT_LOCKDEP, NULL, 0, "an IPI is waited for with interrupts off");
	wait_begin("an IPI", target);
	while (!__atomic_load_n(&ipi->done, __ATOMIC_SEQ_CST)) {
		if (++spins < 200)
			cpu_relax();
		else
			futex_wait(&ipi->done, 0, FUTEX_SIDE_ANY, 0);
	}
	wait_end();
}

void host_ipi_send(unsigned int cpu, void (*function)(void *argument), void *argument, bool wait)
{
	struct host_cpu *target = &host_cpus[cpu];

	HOST_ASSERT(cpu < HOST_CPUS_MAX);
	point(HOST_POINT_IPI, target);
	if (!function) {
		kick(target);
		return;
	}
	if (wait) {
		struct ipi ipi = { .function = function, .argument = argument, .wait = true };

		run_or_push(target, &ipi);
		wait_for(target, &ipi);
		return;
	}
	struct ipi *ipi = host_memory_alloc(sizeof(*ipi));

	*ipi = (struct ipi){ .function = function, .argument = argument };
	run_or_push(target, ipi);
}
