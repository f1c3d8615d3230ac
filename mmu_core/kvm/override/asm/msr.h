/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * msr.h - modelled: reads of the host's model-specific registers go to shim/trap.c by a call.  They would get there
 * through an exception too, but KVM reads one on every guest entry.
 */
#ifndef MMUTORTURE_ASM_MSR_H
#define MMUTORTURE_ASM_MSR_H

#include_next <asm/msr.h>

unsigned long long shim_read_msr(unsigned int number);

#define native_read_msr(number) shim_read_msr(number)

#endif
