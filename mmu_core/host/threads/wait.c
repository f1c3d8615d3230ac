// SPDX-License-Identifier: GPL-2.0-only
/* wait.c - time and futexes: how a thread of this backend waits. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cpu.h"

/* futex(2); the bitset says which side of a lock is meant. */
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_WAIT_BITSET (9 | FUTEX_PRIVATE_FLAG)
#define FUTEX_WAKE_BITSET (10 | FUTEX_PRIVATE_FLAG)

static uint64_t start_ns;

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void clock_start(void)
{
	start_ns = clock_ns();
}

uint64_t host_time_ns(void)
{
	return clock_ns() - start_ns;
}

void sleep_ns(uint64_t ns)
{
	struct timespec time = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

void futex_wait(const uint32_t *word, uint32_t value, enum futex_side side, uint64_t timeout_ns)
{
	uint64_t end_ns = clock_ns() + timeout_ns; /* a point in time, not a duration */
	struct timespec end = { .tv_sec = (time_t)(end_ns / 1000000000), .tv_nsec = (long)(end_ns % 1000000000) };

	syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, timeout_ns ? &end : NULL, NULL, side);
}

void futex_wake(const uint32_t *word, int count, enum futex_side side)
{
	syscall(SYS_futex, word, FUTEX_WAKE_BITSET, count, NULL, NULL, side);
}
