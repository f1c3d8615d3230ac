// SPDX-License-Identifier: GPL-2.0-only
/* host_trap_test.c - traps: the core's hook resumes, stray accesses end the process with a report; exit codes. */
#include <signal.h>

#include "host_child.h"

static unsigned int traps;

/* ud2 is two bytes long; the kernel's WARN resumes behind it. */
static bool skip_ud2(struct host_trap *trap)
{
	if (trap->signo != SIGILL)
		return false;
	free(malloc(100)); /* what formats a report may do so */
	traps++;
	*trap->pc += 2;
	return true;
}

static void trap_in_thread(void *argument)
{
	for (int i = 0; i < 100; i++)
		__asm__ volatile("ud2");
	(void)argument;
}

static void hook_resumes(void)
{
	static const struct host_core_hooks hooks = { .trap = skip_ud2 };

	host_set_core_hooks(&hooks);
	trap_in_thread(NULL);
	CHECK(traps == 100);
	host_thread_join(start("trapper", trap_in_thread, NULL));
	CHECK(traps == 200);
}

static volatile uintptr_t stray = 0x10;

static void write_astray(void)
{
	*(volatile int *)stray = 1;
}

static void stray_access_is_described(void)
{
	static char output[65536];

	CHECK(in_child(write_astray, output, sizeof(output)) != 0);
	CHECK(strstr(output, "SEGV") || strstr(output, "Segmentation fault"));
	CHECK(strstr(output, "0x10") || strstr(output, "0x000000000010"));
}

static void fail_assertion(void)
{
	HOST_ASSERT(stray == 0x11);
}

static void assertion_ends_with_3(void)
{
	static char output[65536];

	CHECK(in_child(fail_assertion, output, sizeof(output)) == 3);
	CHECK(strstr(output, "stray == 0x11"));
}

static void report_bug(void)
{
	host_report(HOST_REPORT_BUG, "mmu.c", 12, "kernel BUG");
}

static void bug_ends_with_1(void)
{
	static char output[65536];

	CHECK(in_child(report_bug, output, sizeof(output)) == 1);
	CHECK(strstr(output, "BUG on CPU 0 at mmu.c:12: kernel BUG"));
}

int main(void)
{
	RUN(stray_access_is_described); /* children are made while there is one thread only */
	RUN(assertion_ends_with_3);
	RUN(bug_ends_with_1);
	host_start(&(struct host_config){ .seed = 1 });
	RUN(hook_resumes);
	return 0;
}
