/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * oracle.h - may this guest access happen?
 *
 * Use-based (spec.md 7.0, 7.5, 7.6): a stale translation in a TLB is lawful until a guest uses it after the operation
 * that forbids it has completed.  So every access of the simulated CPU is judged against the state before it was
 * translated and the state after; it is a violation only when both forbid it.  The CPU takes no interrupt in between,
 * and an operation that flushes waits for that, so nothing can be forbidden and made lawful again inside one access.
 * Not verified here: what needs more than the access and the model, such as entries that nobody uses (the audits).
 * Locking: none; called with interrupts off; reads the model with relaxed loads.
 */
#ifndef HARNESS_ORACLE_ORACLE_H
#define HARNESS_ORACLE_ORACLE_H

#include "harness/world/cpu.h"

/* Before the access is translated. */
void oracle_before_access(const struct cpu *cpu, const struct guest_access *access, struct model_moment *before);

/*
 * After translation, before memory is touched; @before was taken before the translation.  Notes a lawful write to a
 * logged page.  False: reported, the access must not touch the page.
 */
bool oracle_check_access(struct cpu *cpu, const struct guest_access *access, const struct translation *translation,
			 const struct model_moment *before);

/* What a read of guest_memfd memory gave (I-P7). */
void oracle_check_value(struct cpu *cpu, const struct guest_access *access, const struct translation *translation,
			const struct model_moment *before, uint64_t value);

/* At each entry: root, mode and flushes (I-T6, I-R12). */
void oracle_check_entry(struct cpu *cpu, const struct mmu_guest_context *context);

/* After each flush: which roots it has made known. */
void oracle_note_flush(struct cpu *cpu, enum mmu_flush kind, mmu_hpa_t root);

/* One run came back with -EFAULT or with a memory fault for the pending access (I-P3, I-P4). */
void oracle_check_memory_fault(struct cpu *cpu, const struct mmu_run *run, int error);

/* A run ended as MMIO (I-P4). */
void oracle_check_mmio(struct cpu *cpu, const struct mmu_run *run);

/*
 * Values that guests write: which vCPU, a hash of which page, the clock at the store and a count, so that a value found
 * where it does not belong tells where it came from.  Never 0.
 */
uint64_t oracle_value(unsigned int vcpu, uint64_t owner, uint64_t location, uint64_t clock, uint64_t count);

#endif
