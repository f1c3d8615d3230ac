// SPDX-License-Identifier: GPL-2.0-only
/*
 * pml.c - the page-modification log: which pages had their D bit set by the CPU.
 *
 * Locking: the vCPU's own thread; the core drains it on the same thread, after an exit.
 * Source:  SDM vol. 3 section 29.3.6.  A full log exits before D is set, so nothing is ever lost.
 */
#include <string.h>

#include "harness/world/cpu_parts.h"

void pml_log(struct cpu *cpu, gpa_t gpa)
{
	HOST_ASSERT(!pml_is_full(cpu));
	cpu->pml.gpa[cpu->pml.count++] = gpa & ~(MMU_PAGE_SIZE - 1);
	cpu_count(cpu, CPU_PML_LOGGED);
}

unsigned int pml_drain(struct cpu *cpu, gpa_t *gpas, unsigned int room)
{
	unsigned int count = cpu->pml.count < room ? cpu->pml.count : room;

	memcpy(gpas, cpu->pml.gpa, count * sizeof(*gpas));
	memmove(cpu->pml.gpa, cpu->pml.gpa + count, (cpu->pml.count - count) * sizeof(*gpas));
	cpu->pml.count -= count;
	return count;
}
