// SPDX-License-Identifier: GPL-2.0-only
/*
 * event.c - sleeping on any address: eventcounts in a hash table.
 *
 * A wake bumps the bucket's word, so a waiter whose key is older does not sleep.  Channels that share a bucket wake
 * each other, which the contract allows.
 */
#include <limits.h>

#include "cpu.h"

#define BUCKETS 1024

static struct {
	uint32_t word;
	uint32_t waiters;
} __attribute__((aligned(64))) buckets[BUCKETS];

static unsigned int bucket_of(const void *channel)
{
	return (unsigned int)((uintptr_t)channel * 0x9e3779b97f4a7c15ULL >> 54);
}

uint32_t host_event_key(const void *channel)
{
	return __atomic_load_n(&buckets[bucket_of(channel)].word, __ATOMIC_SEQ_CST);
}

void host_event_wait(const void *channel, uint32_t key, uint64_t timeout_ns)
{
	unsigned int bucket = bucket_of(channel);

	point(HOST_POINT_WAIT, channel);
	host_may_sleep("waiting for an event");
	__atomic_add_fetch(&buckets[bucket].waiters, 1, __ATOMIC_SEQ_CST);
	futex_wait(&buckets[bucket].word, key, FUTEX_SIDE_ANY, timeout_ns);
	__atomic_sub_fetch(&buckets[bucket].waiters, 1, __ATOMIC_SEQ_CST);
	__atomic_load_n(&buckets[bucket].word,
			__ATOMIC_ACQUIRE); /* orders the waker's writes even if @key is not taken again */
}

void host_event_wake(const void *channel)
{
	unsigned int bucket = bucket_of(channel);

	point(HOST_POINT_WAKE, channel);
	__atomic_add_fetch(&buckets[bucket].word, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&buckets[bucket].waiters, __ATOMIC_SEQ_CST))
		futex_wake(&buckets[bucket].word, INT_MAX, FUTEX_SIDE_ANY);
}
