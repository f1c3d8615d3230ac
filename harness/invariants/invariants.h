/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * invariants.h - the audits: does all of a VM's state agree with itself and with what the completed operations allow?
 *
 * Locking: all for a stopped world: no operation in flight, no vCPU in guest mode, nobody else on its mm.  They may
 *          sleep, and wait for RCU.  A violation is a finding; an audit never stops at the first.
 */
#ifndef HARNESS_INVARIANTS_INVARIANTS_H
#define HARNESS_INVARIANTS_INVARIANTS_H

#include "harness/finding/finding.h"
#include "harness/world/world.h"

/*
 * Once a process, after the core's init: creates and destroys one VM, so that what a core keeps for ever is made, and
 * has the census taken round every later one (I-L6).  0 or -errno.
 */
int invariants_init(const struct mmu_core_ops *core, const struct mmu_core_config *config);

/* Every QUIESCENT row, in one pass over roots, tables, entries, slots and counters.  Returns how many violations. */
uint64_t invariants_audit(struct world *world);

/*
 * END_OF_OP rows right after one operation, for worlds that run one operation at a time (a replay, a test); under free
 * running threads others may lawfully have mapped again by then, and the next audit takes these rows over.
 * Each looks at the leafs of [base, base + npages) only.  Return how many violations.
 */
uint64_t invariants_after_slot_gone(struct world *world, unsigned int as_id, gfn_t base, uint64_t npages); /* Z3 */
uint64_t invariants_after_attributes(struct world *world, gfn_t base, uint64_t npages); /* Z4 */
uint64_t invariants_after_punch(struct world *world, int gmem, uint64_t page, uint64_t npages); /* Z5 */
uint64_t invariants_after_invalidate(struct world *world, hva_t hva, uint64_t npages); /* Z2 */
uint64_t invariants_after_release(struct world *world); /* Z6: the process is gone, the VM is not */

/*
 * After invariants_init(): spoils one thing in a small world and sees whether invariant @id notices, and no other does.
 * Findings are printed as they are made.  0: noticed, and the clean world tripped nothing; -ENOENT: it did not notice;
 * -EIO: something else tripped; -EOPNOTSUPP: this core or configuration cannot be spoilt that way.
 */
int saboteur_run(const struct mmu_core_ops *core, const struct mmu_core_config *config, enum invariant_id id);

#endif
