// SPDX-License-Identifier: GPL-2.0-only
/*
 * percpu.c - per-cpu variables: real %gs accesses, one copy of the template section for each CPU.
 *
 * An area is the template followed by room for dynamic per-cpu memory.  The template holds what the linker script
 * gathered between __per_cpu_start and __per_cpu_end.  GS points so far from an area that "%gs:symbol" lands in it.
 */
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/sched.h>

#include "shim.h"

#define DYNAMIC_BYTES 65536UL
#define ARCH_SET_GS 0x1001
#define SYSCALL_ARCH_PRCTL 158

extern char __per_cpu_start[], __per_cpu_end[];

/* real */
unsigned long __per_cpu_offset[NR_CPUS];
#if HAVE_PER_CPU_CACHE_HOT
/* real */
DEFINE_PER_CPU_CACHE_HOT(unsigned long, this_cpu_off);
#else
/* real */
DEFINE_PER_CPU_READ_MOSTLY(unsigned long, this_cpu_off);
#endif

/* Offsets alone would hide the areas from leak checkers. */
static char *areas[HOST_CPUS_MAX];
static size_t area_bytes;
static size_t dynamic_used;
static struct host_lock dynamic_lock;
static const struct host_lock_class dynamic_class = { .name = "percpu dynamic area" };

/* Sanitizers put redzones between variables: copying must not trip over them. */
__attribute__((no_sanitize("address", "thread"))) static void copy_template(char *area, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((volatile char *)area)[i] = __per_cpu_start[i];
}

void shim_percpu_boot(void)
{
	size_t template_bytes = __per_cpu_end - __per_cpu_start;

	area_bytes = ALIGN(template_bytes, 64) + DYNAMIC_BYTES;
	dynamic_used = 0;
	for (unsigned int cpu = 0; cpu < HOST_CPUS_MAX; cpu++) {
		char *area = host_alloc(area_bytes, 4096, HOST_ALLOC_ZERO | HOST_ALLOC_NOFAIL);

		areas[cpu] = area;
		copy_template(area, template_bytes);
		__per_cpu_offset[cpu] = area - __per_cpu_start;
	}
}

static void set_gs(unsigned long base)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "0"(SYSCALL_ARCH_PRCTL), "D"(ARCH_SET_GS), "S"(base)
		     : "rcx", "r11", "memory");
	HOST_ASSERT(!result);
}

void shim_percpu_load(unsigned int cpu)
{
	set_gs(__per_cpu_offset[cpu]);
	raw_cpu_write(this_cpu_off, __per_cpu_offset[cpu]);
}

/*
 * Dynamic memory is handed out once and not taken back: KVM allocates per-cpu memory when its module loads (and its
 * counters per VM are not per-cpu here, see below).
 */
static void __percpu *allocate(size_t bytes, size_t align)
{
	size_t offset;

	host_lock_acquire(&dynamic_lock, HOST_LOCK_EXCLUSIVE, &dynamic_lock, &dynamic_class);
	offset = ALIGN(dynamic_used, align);
	HOST_ASSERT(offset + bytes <= DYNAMIC_BYTES);
	dynamic_used = offset + bytes;
	host_lock_release(&dynamic_lock, HOST_LOCK_EXCLUSIVE, &dynamic_lock);
	return (void __percpu *)(__per_cpu_start + area_bytes - DYNAMIC_BYTES + offset);
}

#if HAVE_PCPU_ALLOC_NOPROF
/* real */
void __percpu *pcpu_alloc_noprof(size_t size, size_t align, bool reserved, gfp_t gfp)
{
	return allocate(size, align);
}
#else
/* real */
void __percpu *__alloc_percpu(size_t size, size_t align)
{
	return allocate(size, align);
}
#endif

/* no-op: per-cpu memory lives as long as the process */
void free_percpu(void __percpu *pointer)
{
}

/* modelled: one plain counter; nobody reads the per-cpu parts */
int percpu_counter_batch;

/* real */
void percpu_counter_add_batch(struct percpu_counter *counter, s64 amount, s32 batch)
{
	__atomic_fetch_add(&counter->count, amount, __ATOMIC_RELAXED);
}

#if HAVE_PERCPU_COUNTER_MANY
/* real */
int __percpu_counter_init_many(struct percpu_counter *counter, s64 amount, gfp_t gfp, u32 count,
			       struct lock_class_key *key)
{
	for (u32 i = 0; i < count; i++)
		counter[i].count = amount;
	return 0;
}

/* real */
void percpu_counter_destroy_many(struct percpu_counter *counter, u32 count)
{
}
#else
/* real */
int __percpu_counter_init(struct percpu_counter *counter, s64 amount, gfp_t gfp, struct lock_class_key *key)
{
	counter->count = amount;
	return 0;
}

/* real */
void percpu_counter_destroy(struct percpu_counter *counter)
{
}
#endif

/* real */
s64 __percpu_counter_sum(struct percpu_counter *counter)
{
	return __atomic_load_n(&counter->count, __ATOMIC_RELAXED);
}
