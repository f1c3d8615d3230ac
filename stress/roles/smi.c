// SPDX-License-Identifier: GPL-2.0-only
/*
 * smi.c - sends the vCPU into SMM.  Its next batch of accesses runs there, in address space 1, until the guest's RSM.
 */
#include "stress/driver.h"

void role_smi(struct stress_worker *worker)
{
	world_smi(worker_vcpu(worker));
}
