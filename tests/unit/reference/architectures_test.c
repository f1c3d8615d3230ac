// SPDX-License-Identifier: GPL-2.0-only
/*
 * architectures_test.c - one process, a VM of each architecture on its memory, the same operations on all: the same
 * pages are mapped at the same gfns with the same permissions, whatever the format of the tables.
 *
 * Not compared: sizes of leafs above 2M, which formats have or not; A and D, which are the hardware's or not.
 */
#include "arch/arm64/arm64.h"
#include "arch/riscv/riscv.h"
#include "vm_fixture.h"

#define NPAGES 2048 /* of the process: four leafs of 2M */
#define GFNS 4096
#define OPS 3000
#define TOUCHES 16
#define PAGES(n) ((uint64_t)(n) << MMU_PAGE_SHIFT)

static struct machine {
	const char *name;
	struct mmu_vm *vm;
	struct mmu_vcpu *vcpu;
} machines[] = { { .name = "x86 NPT" },
		 { .name = "x86 EPT" },
		 { .name = "x86 EPT without A/D" },
		 { .name = "arm64, tables in a row" },
		 { .name = "arm64, 48 bits" },
		 { .name = "riscv Sv39x4" },
		 { .name = "riscv Sv48x4" } };

#define MACHINES (sizeof(machines) / sizeof(machines[0]))

static bool choose(unsigned int i, struct mmu_vm *of)
{
	const struct pt_x86_config x86 = {
		.levels = 4, .leaf_level_max = 2, .maxphyaddr = 40, .accessed_dirty = i != 2
	};

	switch (i) {
	case 0:
		return true;
	case 1:
	case 2:
		pt_format_x86_ept(&of->format, &x86);
		return true;
	case 3:
		return arm64_vm_init(of, 40) && of->format.root_order == 1;
	case 4:
		return arm64_vm_init(of, 48) && !of->format.root_order;
	default:
		return riscv_vm_init(of, i - 2) && of->format.root_order == 2;
	}
}

static void make(unsigned int i)
{
	const struct mmu_vm_config config = { .type = MMU_VM_DEFAULT, .mm = mm };
	struct machine *machine = &machines[i];

	CHECK(!reference_vm_create(&config, &machine->vm) && choose(i, machine->vm));
	machine->vm->config.level_max = 2;
	CHECK(!reference_vcpu_create(machine->vm, 0, &ops, NULL, &machine->vcpu));
}

/* ------------------------------------------------------------------------------------------------------- operations */

/* Until it is through: what loses an access flag or a race tries again. */
static int touch_one(struct machine *machine, gfn_t gfn, uint32_t access)
{
	int outcome;

	do {
		CHECK(!x86_mmu_ready(machine->vcpu));
		outcome = gmm_fault(machine->vcpu, PAGES(gfn), access, 0, false, NULL);
	} while (outcome == GMM_RETRY);
	return outcome < 0 || outcome == GMM_EMULATE ? outcome : 0;
}

/* How many of some gfns have memory that may be accessed so. */
static int touch(struct machine *machine, uint64_t random)
{
	static const uint32_t accesses[] = { MMU_READ, MMU_WRITE, MMU_EXEC };
	int there = 0;

	for (unsigned int i = 0; i < TOUCHES; i++)
		there += !touch_one(machine, (random + i * 129) % GFNS, accesses[(random >> 32) % 3]);
	return there;
}

static int set_slot(struct machine *machine, uint64_t random)
{
	static const struct mmu_slot_request rows[] = {
		{ .id = 0, .gpa = PAGES(512), .bytes = PAGES(1024), .hva = HVA },
		{ .id = 1, .gpa = PAGES(2048), .bytes = PAGES(700), .hva = HVA + PAGES(1024) },
		{ .id = 2, .gpa = PAGES(3000), .bytes = PAGES(300), .hva = HVA + PAGES(7) },
	};
	struct mmu_slot_request request = rows[random % 3];

	request.gmem = MMU_GMEM_NONE;
	request.flags = random >> 8 & 1 ? MMU_SLOT_LOG_DIRTY : 0;
	if (random >> 9 & 1)
		request.gpa += PAGES(512) * (random >> 10 & 1);
	if (!(random >> 12 & 3))
		request.bytes = 0;
	return gmm_slot_set_request(machine->vm, &request, false);
}

static int harvest(struct machine *machine, uint64_t random)
{
	static uint64_t bitmap[MACHINES][1024 / 64];
	unsigned int i = (unsigned int)(machine - machines);
	int error;

	memset(bitmap[i], 0, sizeof(bitmap[i]));
	error = gmm_dirty_get(machine->vm, 0, random % 3, bitmap[i]);
	CHECK(!memcmp(bitmap[i], bitmap[0], sizeof(bitmap[0])));
	return error;
}

/* On each of them; the host's are for all at once. */
static void one_op(void)
{
	uint64_t kind = host_random() % 64, random = host_random();
	hva_t hva = HVA + PAGES(random % NPAGES);
	int result[MACHINES];

	if (kind == 0) {
		host_mm_unmap(mm, hva, 1 + random % 64);
	} else if (kind == 1) {
		host_mm_protect(mm, hva, 1 + random % 64);
	} else if (kind == 2) {
		host_mm_collapse(mm, hva);
	} else if (kind == 3) {
		host_mm_split(mm, hva);
	}
	for (unsigned int i = 0; i < MACHINES && kind > 3; i++) {
		if (kind == 4)
			result[i] = set_slot(&machines[i], random);
		else if (kind == 5)
			result[i] = harvest(&machines[i], random);
		else
			result[i] = touch(&machines[i], random);
		CHECK(result[i] == result[0]);
	}
}

/* ------------------------------------------------------------------------------------------------------- comparison */

struct seen {
	uint64_t opn;
	unsigned int attrs, level;
};

static struct seen look(const struct machine *machine, gfn_t gfn)
{
	const unsigned int permissions = PT_READ | PT_WRITE | PT_EXEC | GMM_HOST_WRITABLE | GMM_MMU_WRITABLE;
	struct pt_iter iter;
	struct pt_entry entry;

	if (!machine->vcpu->root)
		return (struct seen){ 0 };
	host_rcu_read_lock();
	entry = pt_lookup(&machine->vcpu->root->tree, gfn, &iter);
	host_rcu_read_unlock();
	if (entry.kind != PT_LEAF)
		return (struct seen){ 0 };
	return (struct seen){ entry.opn + gfn - iter.ipn, entry.attrs & permissions, iter.level };
}

static void compare(void)
{
	for (gfn_t gfn = 0; gfn < GFNS; gfn++) {
		struct seen first = look(&machines[0], gfn);

		for (unsigned int i = 1; i < MACHINES; i++) {
			struct seen other = look(&machines[i], gfn);

			CHECK(first.opn == other.opn && first.attrs == other.attrs && first.level == other.level);
		}
	}
}

static void the_same_everywhere(void)
{
	unsigned int mapped = 0;

	for (unsigned int op = 0; op < OPS; op++) {
		one_op();
		if (op % 16 == 0)
			compare();
		mapped += look(&machines[0], host_random() % GFNS).opn != 0;
	}
	CHECK(mapped > OPS / 20);
}

/* ----------------------------------------------------------------------------------------------------------- hooks */

/* What is fetched from stays as large as it is, and no recovery takes it away; but on x86 (spec.md S4.3, S4.4). */
static void the_mitigation_is_about_x86(void)
{
	const uint64_t npages = 512;
	const struct mmu_slot_request request = {
		.gpa = PAGES(npages),
		.bytes = PAGES(npages),
		.hva = HVA,
		.gmem = MMU_GMEM_NONE,
	};

	for (unsigned int i = 0; i < MACHINES; i++) {
		struct machine *machine = &machines[i];
		bool x86 = machine->vm->arch == &x86_arch;
		struct seen off, on, recovered;

		CHECK(!gmm_slot_set_request(machine->vm, &request, false));
		CHECK(!touch_one(machine, 600, MMU_READ) && !touch_one(machine, 600, MMU_EXEC));
		off = look(machine, 600);
		CHECK(off.level == MMU_LEVEL_2M && (off.attrs & PT_EXEC));

		CHECK(!reference_nx_set(MMU_NX_FORCE));
		CHECK(!touch_one(machine, 600, MMU_READ) && !touch_one(machine, 600, MMU_EXEC));
		on = look(machine, 600);
		CHECK(on.level == (x86 ? MMU_LEVEL_4K : MMU_LEVEL_2M) && (on.attrs & PT_EXEC));
		CHECK(on.opn == off.opn && machine->vm->nx_count == x86);

		x86_nx_recover(machine->vm);
		recovered = look(machine, 600);
		CHECK(recovered.level == (x86 ? 0 : MMU_LEVEL_2M) && !machine->vm->nx_count);
		CHECK(!reference_nx_set(MMU_NX_OFF));
	}
}

int main(int argc, char *argv[])
{
	const struct host_mm_area area = { .start = HVA, .npages = NPAGES, .level_max = 2, .writable = true };

	vm_start(argc, argv);
	mm = host_mm_create();
	CHECK(mm && !host_mm_area_add(mm, &area));
	for (unsigned int i = 0; i < MACHINES; i++)
		make(i);
	RUN(the_mitigation_is_about_x86);
	RUN(the_same_everywhere);
	for (unsigned int i = 0; i < MACHINES; i++)
		reference_vm_destroy(machines[i].vm);
	host_mm_destroy(mm);
	CHECK(!reports_total());
	return 0;
}
