// SPDX-License-Identifier: GPL-2.0-only
/* rcu.c - RCU and SRCU on the host's; and what lockdep asks about both. */
#include <linux/rcupdate.h>
#include <linux/srcu.h>

#include "shim.h"

static_assert(sizeof(struct rcu_head) == sizeof(struct host_rcu_head));
static_assert(offsetof(struct rcu_head, func) == offsetof(struct host_rcu_head, function));

/* real */
struct lockdep_map rcu_lock_map = { .name = "rcu_read_lock" };
/* real */
struct lockdep_map rcu_bh_lock_map = { .name = "rcu_read_lock_bh" };
/* real */
struct lockdep_map rcu_sched_lock_map = { .name = "rcu_read_lock_sched" };
/* real */
struct lockdep_map rcu_callback_map = { .name = "rcu_callback" };

/* real */
void __rcu_read_lock(void)
{
	host_rcu_read_lock();
}

/* real */
void __rcu_read_unlock(void)
{
	host_rcu_read_unlock();
}

/* real: also any region that may not be preempted, as in the kernel since 4.20 */
int rcu_read_lock_held(void)
{
	return host_rcu_read_held();
}

/* real */
int rcu_read_lock_sched_held(void)
{
	return host_rcu_read_held();
}

/* real */
int rcu_read_lock_bh_held(void)
{
	return host_rcu_read_held();
}

/* real */
int rcu_read_lock_any_held(void)
{
	return host_rcu_read_held();
}

/* real: lock conditions are evaluated */
int notrace debug_lockdep_rcu_enabled(void)
{
	return 1;
}

/* real: a failed rcu_dereference_check() is a finding */
void lockdep_rcu_suspicious(const char *file, const int line, const char *text)
{
	host_report(HOST_REPORT_LOCKDEP, shim_below_tree(file), line, "suspicious RCU usage: %s", text);
}

/* real */
bool rcu_is_watching(void)
{
	return true;
}

/* real */
void call_rcu(struct rcu_head *head, rcu_callback_t function)
{
	host_rcu_call((struct host_rcu_head *)head, (void (*)(struct host_rcu_head *))function);
}

/* real */
void synchronize_rcu(void)
{
	host_rcu_synchronize();
}

/* real */
void synchronize_rcu_expedited(void)
{
	host_rcu_synchronize();
}

/* real */
void rcu_barrier(void)
{
	host_rcu_barrier();
}

/*
 * no-op: a guest entry is a quiescent state in the kernel; here the guest loop holds no reader that would delay others
 */
void rcu_note_context_switch(bool preempt)
{
}

struct kvfree_later {
	struct rcu_head rcu;
	void *pointer;
};

static void free_after_rcu(struct rcu_head *head)
{
	struct kvfree_later *later = container_of(head, struct kvfree_later, rcu);

	kvfree(later->pointer);
	host_free(later);
}

static void free_later(void *pointer)
{
	struct kvfree_later *later = host_alloc(sizeof(*later), 0, HOST_ALLOC_NOFAIL);

	later->pointer = pointer;
	call_rcu(&later->rcu, free_after_rcu);
}

#if HAVE_KVFREE_CALL_RCU_POINTER
/* real: the head inside the object is not needed */
void kvfree_call_rcu(struct rcu_head *head, void *pointer)
{
	free_later(pointer);
}
#else
/* real: the second argument is the offset of the head in its object */
void kvfree_call_rcu(struct rcu_head *head, rcu_callback_t offset)
{
	free_later((void *)head - (unsigned long)offset);
}
#endif

/* ------------------------------------------------------------------------------------------------------------ SRCU */

/* The host's domain takes the place of the kernel's per-cpu data. */
static struct host_srcu *srcu_of(struct srcu_struct *ssp)
{
	return (struct host_srcu *)ssp->sda;
}

#if HAVE_INIT_SRCU_GENERIC
/* real */
int init_srcu_struct_generic(struct srcu_struct *ssp)
{
	ssp->sda = (void *)host_srcu_create();
	return ssp->sda ? 0 : -ENOMEM;
}
#endif

/* real */
int __init_srcu_struct(struct srcu_struct *ssp, const char *name, struct lock_class_key *key)
{
	lockdep_init_map_type(&ssp->dep_map, name, key, 0, 0, 0, 0);
	ssp->sda = (void *)host_srcu_create();
	return ssp->sda ? 0 : -ENOMEM;
}

/* real */
void cleanup_srcu_struct(struct srcu_struct *ssp)
{
	host_srcu_destroy(srcu_of(ssp));
	ssp->sda = NULL;
}

/* real */
int __srcu_read_lock(struct srcu_struct *ssp)
{
	return host_srcu_read_lock(srcu_of(ssp));
}

/* real */
void __srcu_read_unlock(struct srcu_struct *ssp, int index)
{
	host_srcu_read_unlock(srcu_of(ssp), index);
}

/* no-op: there are no NMIs */
void srcu_check_nmi_safety(struct srcu_struct *ssp, bool nmi_safe)
{
}

/* no-op: readers of one flavour only */
void __srcu_check_read_flavor(struct srcu_struct *ssp, int flavour)
{
}

/* real */
void synchronize_srcu(struct srcu_struct *ssp)
{
	host_srcu_synchronize(srcu_of(ssp));
}

/* real */
void synchronize_srcu_expedited(struct srcu_struct *ssp)
{
	host_srcu_synchronize(srcu_of(ssp));
}

/* real */
void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t function)
{
	host_srcu_call(srcu_of(ssp), (struct host_rcu_head *)head, (void (*)(struct host_rcu_head *))function);
}

/* real */
void srcu_barrier(struct srcu_struct *ssp)
{
	host_srcu_barrier(srcu_of(ssp));
}
