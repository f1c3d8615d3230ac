// SPDX-License-Identifier: GPL-2.0-only
/*
 * bad_table_freed_under_reader.c - a table page goes back while somebody may read it: the poison races with the reader.
 */
#include "litmus.h"

static mmu_pfn_t table;

static void first(void)
{
	__atomic_store_n(&table, host_pages_alloc(0, HOST_PAGE_CORE, HOST_ALLOC_ZERO), __ATOMIC_RELEASE);
	host_rcu_read_lock();
	long seen = *(volatile long *)host_pfn_to_va(table);
	baton_pass(1);
	host_rcu_read_unlock();
	(void)seen;
}

static void second(void)
{
	baton_await(1);
	host_pages_free(__atomic_load_n(&table, __ATOMIC_ACQUIRE), 0);
}
