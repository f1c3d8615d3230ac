// SPDX-License-Identifier: GPL-2.0-only
/* host_heap_test.c - small objects: counted, aligned, and watched after they were freed. */
#include "host_check.h"

#if defined(__has_feature) && __has_feature(address_sanitizer)
#define ASAN_WATCHES 1
#else
#define ASAN_WATCHES 0
#endif

__attribute__((no_sanitize("address", "thread"))) static void stray_write(void *object, size_t offset, char value)
{
	((volatile char *)object)[offset] = value;
}

static void objects_are_counted(void)
{
	uint64_t live = host_alloc_live();
	void *objects[10];

	for (int i = 0; i < 10; i++)
		objects[i] = host_alloc((size_t)i * 100, 0, 0);
	CHECK(host_alloc_live() == live + 10);
	for (int i = 0; i < 10; i++)
		host_free(objects[i]);
	CHECK(host_alloc_live() == live);
	host_free(NULL);
	CHECK(host_alloc_live() == live);
}

static void objects_are_aligned_and_zero(void)
{
	for (size_t align = 1; align <= 8192; align *= 2) {
		char *object = host_alloc(300, align, HOST_ALLOC_ZERO);

		CHECK(object && !((uintptr_t)object & (align - 1)));
		for (int i = 0; i < 300; i++)
			CHECK(!object[i]);
		CHECK(host_alloc_usable(object) == 300);
		memset(object, 0xff, 300);
		host_free(object);
	}
	CHECK(!host_alloc(SIZE_MAX - 8, 0, 0));
	CHECK(reports_total() == 0);
}

static void churn(unsigned int objects)
{
	for (unsigned int i = 0; i < objects; i++)
		host_free(host_alloc(100, 0, 0));
}

static void write_after_free_is_found(void)
{
	char *object = host_alloc(100, 0, 0);

	host_free(object);
	stray_write(object, 50, 1);
	churn(10000);
	CHECK_REPORT(HOST_REPORT_MEMORY, "was written after it was freed: 0x1 at offset 50");
}

static void write_behind_end_is_found(void)
{
	char *object = host_alloc(100, 0, 0);

	stray_write(object, 100, 1);
	host_free(object);
	CHECK_REPORT(HOST_REPORT_MEMORY, "of 100 bytes was written behind its end");
}

static void double_free_is_found(void)
{
	char *object = host_alloc(100, 0, 0), other[256] = "not an object of the heap";

	host_free(object);
	host_free(object);
	CHECK_REPORT(HOST_REPORT_MEMORY, "it was freed already");
	host_free(other + 128);
	CHECK_REPORT(HOST_REPORT_MEMORY, "it is not an object of the heap");
}

static void failures_are_injected(void)
{
	unsigned int failed = 0;

	fail_allocations(500000);
	for (int i = 0; i < 100; i++) {
		void *object = host_alloc(10, 0, 0);

		failed += !object;
		host_free(object);
		object = host_alloc(10, 0, HOST_ALLOC_NOFAIL);
		CHECK(object);
		host_free(object);
	}
	CHECK(failed > 20 && failed < 80);
	fail_allocations(0);
}

static void sleeping_allocation_in_atomic_is_found(void)
{
	host_rcu_read_lock();
	host_free(host_alloc(10, 0, HOST_ALLOC_ATOMIC));
	CHECK(reports_total() == 0);
	host_free(host_alloc(10, 0, 0));
	host_rcu_read_unlock();
	CHECK_REPORT(HOST_REPORT_LOCKDEP, "host_alloc may sleep");
}

static void free_what_main_made(void *argument)
{
	for (int i = 0; i < 100; i++)
		host_free(((void **)argument)[i]);
}

static void objects_move_between_cpus(void)
{
	uint64_t live = host_alloc_live();
	void *objects[100];

	for (int i = 0; i < 100; i++)
		objects[i] = host_alloc(64, 0, HOST_ALLOC_ZERO);
	host_thread_join(start("other", free_what_main_made, objects));
	CHECK(host_alloc_live() == live);
	CHECK(reports_total() == 0);
}

int main(void)
{
	host_start(&(struct host_config){ .seed = 1 });
	RUN(objects_are_counted);
	RUN(objects_are_aligned_and_zero);
	if (!ASAN_WATCHES) { /* there it would be ASan that ends the process */
		RUN(write_after_free_is_found);
		RUN(double_free_is_found);
	}
	RUN(write_behind_end_is_found);
	RUN(failures_are_injected);
	RUN(sleeping_allocation_in_atomic_is_found);
	RUN(objects_move_between_cpus);
	return 0;
}
