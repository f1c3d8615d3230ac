/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - one VM and the machine around it: the process whose memory backs it, its simulated CPUs, and the model of
 * what they may see.  Everything that is done to a core is done through here.
 *
 * Each operation calls the core and keeps the model in step; it returns what the core returned.  Where the
 * specification leaves no choice and the core chose otherwise, a finding is made.
 * Locking:   any CPU may call any operation at any time, except that one vCPU runs on one CPU at a time.  The locks
 *            below serialise only operations whose results would otherwise be ambiguous to the model (two changes of
 *            one slot, two harvests of one log); all others meet inside the core.
 * Ownership: the caller destroys worlds.  A gmem descriptor belongs to the world until closed.
 * Errors:    0 or a negative errno, the core's own.  Limits of the model itself (model.h) give -E2BIG, before the core
 *            is asked.
 */
#ifndef HARNESS_WORLD_WORLD_H
#define HARNESS_WORLD_WORLD_H

#include "harness/world/cpu.h"
#include "harness/world/model.h"

#define WORLD_VCPUS_MAX 32

/* What would be lawful and more than a run has time or memory for gives -E2BIG.  In pages; 0: no limit. */
struct world_limits {
	uint64_t slot_npages; /* of all slots together */
	uint64_t attribute_npages; /* of one operation, which then has to lie below world_options.gfns, too */
	uint64_t gmem_npages; /* of all files together */
};

struct world_options {
	unsigned int vcpus; /* created with the world, 1 .. WORLD_VCPUS_MAX */
	uint64_t gfns; /* attributes are modelled for gfns below; 0: 2 GiB */
	/* One operation at a time, so that each refusal is known beforehand. */
	bool alone;
	/* Of refused operations one in so many is looked at before and after (I-L7); 0: none; needs @alone. */
	unsigned int digest_every;
	struct world_limits limits;
};

struct world_vcpu {
	struct world *world;
	unsigned int index;
	uint64_t id; /* what the VMM calls it */
	struct mmu_vcpu *core;
	struct mmu_run run; /* of the last run */
	uint64_t prefault_since_ns; /* 0: none is running */
	uint64_t kicks;
	struct cpu cpu;
};

struct world_retired;

/* An operation, for findings (harness/oracle/history.c). */
#define WORLD_HISTORY 32
struct world_history {
	uint64_t number, from, at; /* clock at its begin and its return; UINT64_MAX: it is under way */
	gfn_t gfn;
	uint64_t npages, value; /* flags or attributes */
	unsigned int op; /* enum op_code */
	unsigned int cpu, id; /* of the slot or the vCPU */
	int result;
};

struct world {
	const struct mmu_core_ops *core;
	struct mmu_core_config core_config;
	struct mmu_vm_config vm_config;
	struct mmu_vm *vm;
	struct host_mm *mm;
	bool owns_mm;
	bool process_gone; /* world_process_exit() */
	unsigned int address_spaces;
	unsigned int vcpus; /* grows only */
	struct world_vcpu *vcpu[WORLD_VCPUS_MAX];
	struct model model;
	struct host_lock slots_lock, attributes_lock, gmem_lock, punches_lock, windows_lock, ring_lock, retired_lock;
	struct host_lock vcpus_lock;
	bool alone;
	unsigned int digest_every;
	struct world_limits limits;
	uint64_t slot_npages; /* of all slots; world.slots_lock */
	bool failing; /* an allocation is going to be made to fail; atomic */
	uint64_t smis; /* that were asked for */
	uint64_t poisons; /* memory failures */
	uint64_t ring_prefaulted; /* pages, since the rings were collected */
	bool ring_overrun; /* by a pre-fault (docs/FINDINGS.md): what the rings said is lost */
	bool dead; /* an SMI found no place for the state: the core refuses all that follows */
	struct world_retired *retired; /* memory that lock-free readers may still use */
	uint64_t zapped_at; /* begin of the last operation that may make roots obsolete */
	struct host_lock watcher_lock;
	struct host_thread *watcher; /* of prefaults; NULL: none so far */
	bool watcher_leaves;
	uint64_t prefaults_kicked; /* that did not come back by themselves */
	uint64_t history_next;
	struct world_history history[WORLD_HISTORY];
};

/*
 * Census around a VM's life (I-L6), set once by harness/invariants: before() just before the mm and the VM are made,
 * after() when both are gone (the mm only if the world made it).  The world's own memory is not the host's.
 */
struct world_census {
	void (*before)(struct world *world);
	void (*after)(struct world *world);
};
void world_set_census(const struct world_census *census);

/* @vm_config.mm NULL: the world makes a process of its own.  -errno as vm_create or vcpu_create gave it. */
int world_create(const struct mmu_core_ops *core, const struct mmu_core_config *core_config,
		 const struct mmu_vm_config *vm_config, const struct world_options *options, struct world **world);
/*
 * The process dies before its VM, as when it is killed: release handlers run, all its memory goes back.  Only for a
 * world that owns its process; no vCPU runs, no window is open.  What is left to do is I-Z6 and world_destroy().
 */
void world_process_exit(struct world *world);
void world_destroy(struct world *world); /* no vCPU runs; gmem files are closed, the census is taken */

/* To be called whenever nothing is in flight: what has been closed or freed lazily is gone now.  Audits do. */
void world_settle(struct world *world);

/* ------------------------------------------------------------------------------------------------------------ vCPUs */

/*
 * One KVM_RUN: until the source is dry, the core wants userspace, or a kick.  Completes MMIO reads with zero on the
 * next run.  @vcpu->run says why it came back; the access that did not complete is tried again by the next run.
 */
int world_vcpu_run(struct world_vcpu *vcpu, const struct access_source *source);
void world_vcpu_skip(struct world_vcpu *vcpu); /* gives up the access that did not complete */

/*
 * The VMM's loop round world_vcpu_run(): goes on after MMIO, ring-full (harvests and resets), and after a memory fault
 * by @convert: true sets the gfn's attribute to what the guest claims, false skips the access.  Returns 0 when the
 * source is dry, -EINTR after a kick, another -errno when the vCPU cannot go on.
 */
int world_vcpu_run_program(struct world_vcpu *vcpu, const struct access_source *source, bool convert);

void world_vcpu_kick(struct world_vcpu *vcpu); /* any CPU */
/* Adds a vCPU, whose number the VMM chooses; 0 or -errno, -E2BIG: WORLD_VCPUS_MAX. */
int world_vcpu_add(struct world *world, uint64_t id);
/* One fault without a CPU around it; what the core's handler returned.  No vCPU of that number runs. */
int world_fault(struct world_vcpu *vcpu, gpa_t gpa, uint32_t access, uint32_t allowed);
int world_smi(struct world_vcpu *vcpu); /* -EINVAL without asking the core: the VM has one address space (S0.2) */
int world_prefault(struct world_vcpu *vcpu, gpa_t gpa, uint64_t bytes); /* kicked if it takes more than 20 ms */

/* ------------------------------------------------------------------------------------------------------------ slots */

/* Raw.  A lawful request that is more than the model follows gives -E2BIG, before the core is asked. */
int world_slot_set(struct world *world, const struct mmu_slot_request *request);
int world_slot_set_v1(struct world *world, const struct mmu_slot_request *request); /* the older call; no guest_memfd */

int world_slot_create(struct world *world, unsigned int as_id, unsigned int id, gfn_t base, uint64_t npages, hva_t hva,
		      uint32_t flags);
int world_slot_delete(struct world *world, unsigned int as_id, unsigned int id);
/* Another slot than @self has gfns of the range; world.slots_lock is held, or nothing else is at work. */
bool world_slot_overlaps(const struct world *world, unsigned int as_id, const struct model_slot *self, gfn_t base,
			 uint64_t npages);
/* A request that says what the slot is now; false: there is none. */
bool world_slot_describe(struct world *world, unsigned int as_id, unsigned int id, struct mmu_slot_request *request);
int world_slot_move(struct world *world, unsigned int as_id, unsigned int id, gfn_t base); /* -ENOENT: not there */
int world_slot_set_flags(struct world *world, unsigned int as_id, unsigned int id, uint32_t flags); /* -ENOENT */

/* ------------------------------------------------------------------------------------------ attributes, guest_memfd */

int world_attributes_set(struct world *world, gpa_t gpa, uint64_t bytes, uint64_t attributes);
int world_attributes_set_raw(struct world *world, gpa_t gpa, uint64_t bytes, uint64_t attributes, uint64_t flags);

int world_gmem_create(struct world *world, uint64_t bytes); /* descriptor or -errno */
int world_gmem_create_raw(struct world *world, uint64_t bytes, uint64_t flags);
/* @gmem may be MMU_GMEM_NONE or MMU_GMEM_OTHER_FILE. */
int world_gmem_fallocate(struct world *world, int gmem, unsigned int mode, uint64_t offset, uint64_t bytes);
int world_gmem_allocate(struct world *world, int gmem, uint64_t offset, uint64_t bytes);
int world_gmem_error(struct world *world, int gmem, uint64_t offset); /* memory failure; -ENOENT: no page there */
int world_gmem_punch(struct world *world, int gmem, uint64_t offset, uint64_t bytes);
void world_gmem_close(struct world *world, int gmem);

/* ---------------------------------------------------------------------------------------------------- dirty logging */

/* @bitmap NULL: harvested all the same, for the model only. */
int world_dirty_get(struct world *world, unsigned int as_id, unsigned int id, uint64_t *bitmap);
int world_dirty_clear(struct world *world, unsigned int as_id, unsigned int id, uint64_t first, uint32_t npages,
		      const uint64_t *bitmap);
/* Harvests the rings of all vCPUs and resets them.  Entries taken, or -errno. */
int world_ring_collect(struct world *world);

/* The last harvest of every log, as it is before a check: call when no vCPU runs and nothing else is in flight. */
void world_dirty_harvest_all(struct world *world);

/* I-D1 over every logged slot, after world_dirty_harvest_all().  Returns the number of violations (each reported). */
unsigned int world_check_dirty(struct world *world);
/* Where a page of a log lies, in words by which known.def tells a loss that is no news from others; "" elsewhere. */
const char *world_dirty_place(const struct model_slot *slot, uint64_t page);

/*
 * A simulated migration of one slot.  begin() switches logging on and copies everything; pass() harvests and copies
 * what is dirty, and returns how many pages that were; end(), with no vCPU running, does the last pass and compares
 * source and copy page by page (I-D1).  Other threads may write meanwhile, but must not unmap the slot's memory.
 */
struct world_migration;
int world_migration_begin(struct world *world, unsigned int as_id, unsigned int id, struct world_migration **migration);
int world_migration_pass(struct world_migration *migration);
int world_migration_end(struct world_migration *migration); /* pages that differ, or -errno; frees @migration */

/* ------------------------------------------------------------------------------------------------------ host memory */

int world_host_area_add(struct world *world, hva_t start, uint64_t npages, unsigned int level_max, bool writable);
void world_host_unmap(struct world *world, hva_t hva, uint64_t npages);
void world_host_protect(struct world *world, hva_t hva, uint64_t npages);
int world_host_migrate(struct world *world, hva_t hva);
int world_host_split(struct world *world, hva_t hva);
int world_host_collapse(struct world *world, hva_t hva);
void world_host_poison(struct world *world, hva_t hva);
bool world_host_age(struct world *world, hva_t hva, uint64_t npages, int how);
int world_host_window_open(struct world *world, hva_t hva, uint64_t npages); /* its number, or -E2BIG: too many */
void world_host_window_close(struct world *world, int window);

/* ----------------------------------------------------------------------------------------------- policy, background */

int world_nx_set(struct world *world, enum mmu_nx_mode mode);
int world_nx_recover(struct world *world);
int world_eager_split(struct world *world, bool on);
int world_cap_enable(struct world *world, enum mmu_cap cap, uint64_t argument);
int world_pages_limit(struct world *world, uint64_t npages);
int world_shrink(struct world *world, unsigned long count);

/* -------------------------------------------------------------------------------------------------- hostile callers */

/*
 * One ioctl whose argument is made of raw words (struct mmu_core_ops.uapi); what it does to the VM the model follows.
 * -E2BIG: it would be more than the model follows, and was not asked for.
 */
int world_uapi(struct world_vcpu *vcpu, enum mmu_uapi call, bool bad_pointer, const uint64_t words[MMU_UAPI_WORDS]);

/* The address space in which the vCPU's guest is. */
static inline unsigned int cpu_as_id(const struct cpu *cpu)
{
	return cpu->context.in_smm && cpu->world->address_spaces > 1;
}

/* Sums over all vCPUs; any thread. */
uint64_t world_counter(const struct world *world, enum cpu_counter counter);

#endif
