/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shim.h - what the files of the shim ask of each other.
 *
 * Tags: every symbol that KVM links against carries one of four words in the comment above it, from which docs/SHIM.md
 * is generated:  real (the semantics are kept)  |  modelled: how  |  no-op: reason  |  traps (must not be reached).
 */
#ifndef MMU_CORE_KVM_SHIM_H
#define MMU_CORE_KVM_SHIM_H

#include "kvm_core.h"

/* percpu.c */
void shim_percpu_boot(void);
void shim_percpu_load(unsigned int cpu); /* makes @cpu's area that of the running thread */

/* cpu.c */
int shim_cpu_boot(const struct mmu_core_config *config);
void shim_cpu_online(unsigned int cpu);
void shim_cpu_offline(unsigned int cpu);

/* task.c */
void shim_tasks_boot(void);
void shim_task_begin(unsigned int cpu); /* gives the CPU its task */
struct task_struct *shim_current(void);

/* thread.c: round a sleep, by any task */
void shim_worker_sleeps(void);
void shim_worker_wakes(void);

/* trap.c */
bool shim_trap(struct host_trap *trap);
const char *shim_below_tree(const char *file); /* without the path of the tree */

/* lock.c: where the kernel says a lock of its own is held without going through a lock function */
bool shim_map_is_held(const struct lockdep_map *map);

/* file.c */
struct file;
struct file_operations;
struct inode;
void shim_inode_begin(struct inode *inode); /* fills in a zeroed inode, one reference */
void shim_inode_put(struct inode *inode);
struct file *shim_file_of_inode(struct inode *inode, const struct file_operations *operations, int flags);

/* mm.c */
struct host_mm *shim_current_host_mm(void); /* NULL: the task belongs to no process */

/* data.c */
void shim_sections_boot(void);

/* page.c */
extern const struct host_page_lifetime shim_page_lifetime;
struct page *shim_page_init(mmu_pfn_t pfn, unsigned int order, enum host_page_kind kind);
unsigned int shim_alloc_flags(gfp_t gfp);

/* page_compound.c */
#define SHIM_FOLIO_PAGES 4 /* pages whose struct a folio's own fields may lie in (struct folio, mm_types.h) */
void shim_page_make_compound(struct page *head, unsigned int order);

/* time.c */
void shim_time_tick(void); /* brings jiffies up to date */

/* points.c */
void shim_resched_poll(void);

/* Ends the process: KVM reached something that the shim does not provide. */
void shim_unreachable(const char *symbol) __attribute__((noreturn));

#endif
