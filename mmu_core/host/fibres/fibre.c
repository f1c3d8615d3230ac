// SPDX-License-Identifier: GPL-2.0-only
/*
 * fibre.c - stacks, switching between them, and logical threads that run on them.
 *
 * Each CPU number has a fibre, whose stack outlives the threads that run on it, so that a run makes no system call.
 * CPU 0 has the stack of the process itself.
 * What a switch changes besides the stack: the GS base, in which a core may keep its per-CPU area, as if it were a
 * register of the thread like any other.
 */
#include <errno.h>
#include <execinfo.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fibre.h"

#ifdef HOST_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (512UL * 1024)
#define GUARD_BYTES (64UL * 1024) /* more than one function's frame */

struct fibre {
	void *saved; /* while it does not run */
	char *stack; /* lowest usable byte */
	size_t stack_bytes;
	struct host_thread *thread; /* what it runs */
	uint64_t gs_base;
#ifdef HOST_ASAN
	void *fake_stack;
#endif
#ifdef HOST_TSAN
	void *tsan;
#endif
};

struct host_cpu *this_cpu;

static struct fibre fibres[HOST_CPUS_MAX];
static struct fibre *running = &fibres[0];
static HOST_OUTLIVES_RUNS char *stacks[HOST_CPUS_MAX];

#ifdef HOST_ASAN
const char *__asan_default_options(void);

/*
 * Frames that ASan takes from its heap instead of the stack lie elsewhere in each run, and what a CPU has on its own
 * stack could not be told from what others can see.  A run is short: what it has freed need not wait in 256 MiB, all of
 * it out of the processor's caches.
 */
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0:quarantine_size_mb=8:malloc_context_size=12";
}
#endif

/* ------------------------------------------------------------------------------------------------------ the GS base */

#ifdef __x86_64__
#define HWCAP2_FSGSBASE (1 << 1) /* asm/hwcap2.h: the kernel allows the instructions */
#define ARCH_SET_GS 0x1001 /* asm/prctl.h */
#define ARCH_GET_GS 0x1004

static bool has_fsgsbase;

static void gs_init(void)
{
	has_fsgsbase = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE;
}

static uint64_t gs_get(void)
{
	uint64_t base = 0;

	if (likely(has_fsgsbase))
		__asm__ volatile("rdgsbase %0" : "=r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
	return base;
}

static void gs_set(uint64_t base)
{
	if (likely(has_fsgsbase))
		__asm__ volatile("wrgsbase %0" : : "r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}
#else
static void gs_init(void)
{
}

static uint64_t gs_get(void)
{
	return 0;
}

static void gs_set(uint64_t base)
{
	(void)base;
}
#endif

/* -------------------------------------------------------------------------------------------------------- switching */

/* After a switch, on the stack that has been switched to. */
static void arrived(void)
{
#ifdef HOST_ASAN
	__sanitizer_finish_switch_fiber(running->fake_stack, NULL, NULL);
#endif
}

void fibre_switch_to(struct host_cpu *next)
{
	struct fibre *from = running, *to = next->backend.fibre;

	this_cpu = next;
	running = to;
	from->gs_base = gs_get();
	if (to->gs_base != from->gs_base)
		gs_set(to->gs_base);
#ifdef HOST_ASAN
	__sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->stack_bytes);
#endif
#ifdef HOST_TSAN
	__tsan_switch_to_fiber(to->tsan, __tsan_switch_to_fiber_no_sync);
#endif
	fibre_switch(&from->saved, to->saved);
	arrived();
}

bool fibre_owns_address(const struct fibre *fibre, const void *address)
{
	return (uintptr_t)address - (uintptr_t)fibre->stack < fibre->stack_bytes;
}

/* -------------------------------------------------------------------------------------------------- life of a fibre */

static void fibre_entry(void)
{
	struct host_thread *thread = running->thread;

	arrived();
	fibre_show_stack_if_asked();
	thread_main(thread);
	tsan_release(thread);
	thread->backend.over = 1;
	schedule_wake(&thread->backend.over);
	schedule_exit();
}

static char *stack_of(unsigned int cpu)
{
	char *memory;

	if (stacks[cpu])
		return stacks[cpu];
	memory = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE))
		return NULL;
	stacks[cpu] = memory + GUARD_BYTES;
	return stacks[cpu];
}

void backend_init(void)
{
	pthread_attr_t attributes;
	void *stack;

	gs_init();
	HOST_ASSERT(!pthread_getattr_np(pthread_self(), &attributes));
	HOST_ASSERT(!pthread_attr_getstack(&attributes, &stack, &fibres[0].stack_bytes));
	pthread_attr_destroy(&attributes);
	fibres[0].stack = stack;
#ifdef HOST_TSAN
	fibres[0].tsan = __tsan_get_current_fiber();
#endif
}

void backend_cpu_begin(struct host_cpu *cpu)
{
	if (cpu->number) /* a switch has done it */
		return;
	this_cpu = cpu;
	cpu->backend = (struct backend_cpu){ .bit = 1, .fibre = &fibres[0] };
	schedule_start(cpu);
}

void backend_cpu_end(struct host_cpu *cpu)
{
	(void)cpu;
}

int backend_thread_start(struct host_thread *thread)
{
	struct fibre *fibre = &fibres[thread->cpu->number];
	char *stack = stack_of(thread->cpu->number);

	if (!stack)
		return EAGAIN;
	fibre->stack = stack;
	fibre->stack_bytes = STACK_BYTES;
	fibre->thread = thread;
	fibre->gs_base = 0;
	shadow_clear(stack, STACK_BYTES); /* frames that are gone have left their redzones */
	fibre->saved = fibre_frame(stack + STACK_BYTES, fibre_entry, STACK_BYTES);
#ifdef HOST_TSAN
	/* A thread is ordered after the one that starts it, not after the one that had the stack before. */
	if (fibre->tsan)
		__tsan_destroy_fiber(fibre->tsan);
	fibre->tsan = __tsan_create_fiber(0);
	__tsan_set_fiber_name(fibre->tsan, thread->cpu->name);
#endif
	thread->cpu->backend = (struct backend_cpu){ .bit = 1UL << thread->cpu->number, .fibre = fibre };
	schedule_start(thread->cpu);
	return 0;
}

void backend_thread_join(struct host_thread *thread)
{
	while (!thread->backend.over)
		schedule_sleep(HOST_POINT_WAIT, &thread->backend.over, 0);
	tsan_acquire(thread);
}

/* ------------------------------------------------------------------------------------------------- stacks of others */

void fibre_stack(const struct fibre *fibre, struct fibre_stack *stack)
{
	stack->lowest = fibre->stack;
	stack->used = fibre->saved;
	stack->used_bytes = (size_t)(fibre->stack + fibre->stack_bytes - stack->used);
}

static struct {
	struct host_cpu *asks;
	void **addresses;
	unsigned int max, count;
} show;

void fibre_show_stack_if_asked(void)
{
	struct host_cpu *asks = show.asks;

	if (likely(!asks))
		return;
	show.asks = NULL;
	show.count = (unsigned int)backtrace(show.addresses, (int)show.max);
	fibre_switch_to(asks);
}

unsigned int host_schedule_stack(unsigned int cpu, void **addresses, unsigned int max)
{
	if (!host_cpu_is_online(cpu) || max > INT_MAX)
		return 0;
	if (&host_cpus[cpu] == this_cpu)
		return (unsigned int)backtrace(addresses, (int)max);
	show.asks = this_cpu;
	show.addresses = addresses;
	show.max = max;
	fibre_switch_to(&host_cpus[cpu]);
	return show.count;
}
