// SPDX-License-Identifier: GPL-2.0-only
/* host_ipi_test.c - interrupts between CPUs: taken at once, waited for, never lost, never a deadlock. */
#include "host_check.h"

struct target {
	uint32_t ready, go, over;
	unsigned int cpu;
};

static void acknowledge(void *argument)
{
	CHECK(host_irq_disabled());
	__atomic_add_fetch((uint32_t *)argument, 1, __ATOMIC_SEQ_CST);
}

static void idle(void *argument)
{
	struct target *target = argument;

	target->cpu = host_cpu_self();
	set(&target->ready, 1);
	await(&target->go, 1);
}

static void irqs_off(void *argument)
{
	struct target *target = argument;

	host_irq_disable();
	idle(target);
	set(&target->over, 1);
	host_irq_enable();
}

static void taken_at_once_with_interrupts_on(void)
{
	struct target target = { .ready = 0 };
	struct host_thread *thread = start("target", idle, &target);
	uint32_t count = 0;

	await(&target.ready, 1);
	host_ipi_send(target.cpu, acknowledge, &count, true);
	CHECK(get(&count) == 1);
	host_ipi_send(target.cpu, acknowledge, &count, false);
	CHECK(get(&count) == 2);
	host_ipi_send(host_cpu_self(), acknowledge, &count, true);
	CHECK(get(&count) == 3);
	CHECK(!host_irq_disabled());
	set(&target.go, 1);
	host_thread_join(thread);
	host_ipi_send(target.cpu, acknowledge, &count, true); /* gone: nothing to wait for */
	CHECK(get(&count) == 4);
}

struct sender {
	unsigned int cpu;
	uint32_t count, over;
};

static void send_and_wait(void *argument)
{
	struct sender *sender = argument;

	host_ipi_send(sender->cpu, acknowledge, &sender->count, true);
	CHECK(get(&sender->count) == 1);
	set(&sender->over, 1);
}

static void waits_for_interrupts_on(void)
{
	struct target target = { .ready = 0 };
	struct host_thread *thread = start("target", irqs_off, &target), *sending;
	struct sender sender = { 0 };

	await(&target.ready, 1);
	sender.cpu = target.cpu;
	sending = start("sender", send_and_wait, &sender);
	a_while();
	CHECK(!get(&sender.count) && !get(&sender.over));
	set(&target.go, 1);
	host_thread_join(sending);
	host_thread_join(thread);
	CHECK(get(&target.over) && get(&sender.over));
}

static void see_pending(void *argument)
{
	struct target *target = argument;

	host_irq_disable();
	CHECK(!host_irq_pending());
	target->cpu = host_cpu_self();
	set(&target->ready, 1);
	while (!host_irq_pending())
		host_yield();
	host_irq_enable();
	CHECK(!host_irq_pending());
	host_irq_disable();
	CHECK(!host_irq_pending());
	host_irq_enable();
}

static void pending_is_seen(void (*function)(void *argument))
{
	struct target target = { .ready = 0 };
	struct host_thread *thread = start("target", see_pending, &target);
	uint32_t count = 0;

	await(&target.ready, 1);
	host_ipi_send(target.cpu, function, &count, false);
	host_thread_join(thread);
	CHECK(get(&count) == (function ? 1 : 0));
}

static void function_is_seen_pending(void)
{
	pending_is_seen(acknowledge);
}

static void kick_is_seen_pending(void)
{
	pending_is_seen(NULL);
}

static void kick_with_interrupts_on_leaves_nothing(void)
{
	host_ipi_send(host_cpu_self(), NULL, NULL, false);
	host_irq_disable();
	CHECK(!host_irq_pending());
	host_irq_enable();
}

static unsigned int storm_cpus[4];
static uint32_t storm_ready, storm_acks[4], storm_sent[4];

static void storm(void *argument)
{
	unsigned int self = (unsigned int)(uintptr_t)argument;

	storm_cpus[self] = host_cpu_self();
	__atomic_add_fetch(&storm_ready, 1, __ATOMIC_SEQ_CST);
	await(&storm_ready, 4);
	for (int i = 0; i < 1000; i++) {
		unsigned int to = (self + 1 + (unsigned int)(host_random() % 3)) % 4;

		if (i % 3 == 0) {
			host_irq_disable();
			(void)host_irq_pending();
			host_irq_enable();
		}
		host_ipi_send(storm_cpus[to], acknowledge, &storm_acks[to], i % 2);
		__atomic_add_fetch(&storm_sent[to], 1, __ATOMIC_SEQ_CST);
	}
}

/* Everybody waits for everybody: neither a deadlock nor a lost interrupt. */
static void crossing_senders(void)
{
	struct host_thread *threads[4];

	for (uintptr_t i = 0; i < 4; i++)
		threads[i] = start("storm", storm, (void *)i);
	for (int i = 0; i < 4; i++)
		host_thread_join(threads[i]);
	for (int i = 0; i < 4; i++)
		CHECK(get(&storm_acks[i]) == get(&storm_sent[i]));
}

#define ROUNDS 2000

static uint32_t target_round, sender_round;

static void off_and_on(void *argument)
{
	((struct target *)argument)->cpu = host_cpu_self();
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		host_irq_disable();
		set(&target_round, round);
		host_irq_enable();
		await(&sender_round, round); /* with interrupts on, and nothing that would look at the queue again */
	}
}

/* An interrupt that comes just when they are enabled is taken then, not when they are enabled the next time. */
static void enabling_misses_nothing(void)
{
	struct target target = { .ready = 0 };
	struct host_thread *thread = start("target", off_and_on, &target);
	uint32_t count = 0;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		await(&target_round, round);
		host_ipi_send(target.cpu, acknowledge, &count, true);
		set(&sender_round, round);
	}
	host_thread_join(thread);
	CHECK(get(&count) == ROUNDS);
}

/* What the table walker relies on: once the interrupt is acknowledged, the region that was open is over. */
static uint32_t guarded, walker_stop;

static void walk(void *argument)
{
	struct target *target = argument;

	target->cpu = host_cpu_self();
	set(&target->ready, 1);
	while (!get(&walker_stop)) {
		host_irq_disable();
		uint32_t before = get(&guarded);

		for (int i = 0; i < 50; i++)
			CHECK(get(&guarded) - before <= 1); /* it can change once, but not twice, in one region */
		host_irq_enable();
	}
}

static void acknowledged_means_outside(void)
{
	struct target target = { .ready = 0 };
	struct host_thread *thread = start("walker", walk, &target);
	uint32_t count = 0;

	await(&target.ready, 1);
	for (int i = 0; i < 3000; i++) {
		__atomic_add_fetch(&guarded, 1, __ATOMIC_SEQ_CST);
		host_ipi_send(target.cpu, acknowledge, &count, true);
	}
	set(&walker_stop, 1);
	host_thread_join(thread);
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1, .preempt_ppm = 30000 });
	RUN(taken_at_once_with_interrupts_on);
	RUN(waits_for_interrupts_on);
	RUN(function_is_seen_pending);
	RUN(kick_is_seen_pending);
	RUN(kick_with_interrupts_on_leaves_nothing);
	RUN(crossing_senders);
	RUN(enabling_misses_nothing);
	RUN(acknowledged_means_outside);
	CHECK(reports_total() == 0);
	return 0;
}
