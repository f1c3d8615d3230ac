// SPDX-License-Identifier: GPL-2.0-only
/*
 * faulter.c - runs the guest of one vCPU: a batch of reads, writes and fetches at gfns that all vCPUs share.
 *
 * Half of the accesses stay near the one before, so that translations are used again after something happened to them;
 * the others jump.  What a guest may not do (a private access to shared memory, a gfn without a slot) is a few percent.
 */
#include "stress/driver.h"

#include <errno.h>

#define BATCH_MAX 256

struct guest {
	struct stress_worker *worker;
	unsigned int left;
	gpa_t gpa;
};

/* What the guest believes: it asked for it, but other threads may have had it changed since. */
static bool believes_private(const struct world *world, gpa_t gpa)
{
	return model_is_private(&world->model, gpa >> MMU_PAGE_SHIFT);
}

static uint32_t pick_access(const struct stress *stress, gpa_t gpa)
{
	unsigned int percent = (unsigned int)pick(100);
	uint32_t access;

	if (percent < stress->scenario->reads)
		access = MMU_READ;
	else if (percent < stress->scenario->reads + stress->scenario->writes)
		access = MMU_WRITE;
	else
		access = MMU_EXEC;

	if (stress->world->model.attributes && (believes_private(stress->world, gpa) ^ one_in(64)))
		access |= MMU_PRIVATE;
	return access;
}

static bool next_access(void *context, struct guest_access *access)
{
	struct guest *guest = context;
	const struct stress *stress = guest->worker->stress;

	if (!guest->left || worker_wanted(guest->worker))
		return false;
	guest->left--;
	if (stress->world->address_spaces > 1 && one_in(128)) {
		*access = (struct guest_access){ .step = GUEST_RSM };
		return true;
	}
	if (one_in(2))
		guest->gpa = layout_pick_gpa((unsigned int)pick(stress->world->address_spaces));
	*access = (struct guest_access){
		.step = GUEST_ACCESS,
		.access = pick_access(stress, guest->gpa),
		.gpa = guest->gpa,
	};
	return true;
}

void role_faulter(struct stress_worker *worker)
{
	struct guest guest = { .worker = worker, .left = 1 + (unsigned int)pick(BATCH_MAX) };
	const struct access_source source = { .next = next_access, .context = &guest };
	struct world_vcpu *vcpu = worker_vcpu(worker);
	int error;

	guest.gpa = layout_pick_gpa(0);
	error = world_vcpu_run_program(vcpu, &source, one_in(4));
	/* Poisoned memory, a file that was closed: the guest gives up this access, as a VMM would decide for it. */
	if (error && error != -EINTR)
		world_vcpu_skip(vcpu);
}
