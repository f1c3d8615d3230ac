/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * irqflags.h - modelled: the interrupt flag of a logical CPU lives in the host (shim/irq.c), not in RFLAGS, since
 * cli and sti are privileged.
 */
#ifndef MMUTORTURE_ASM_IRQFLAGS_H
#define MMUTORTURE_ASM_IRQFLAGS_H

#include <asm/processor-flags.h>
#include <asm/nospec-branch.h>
#include <linux/types.h>

unsigned long shim_irq_flags(void); /* X86_EFLAGS_IF or 0 */
void shim_irq_disable(void);
void shim_irq_enable(void);

static __always_inline unsigned long native_save_fl(void)
{
	return shim_irq_flags();
}

static __always_inline void native_irq_disable(void)
{
	shim_irq_disable();
}

static __always_inline void native_irq_enable(void)
{
	shim_irq_enable();
}

static __always_inline void native_safe_halt(void)
{
	shim_irq_enable();
}

static __always_inline void native_halt(void)
{
}

static __always_inline void arch_safe_halt(void)
{
	shim_irq_enable();
}

static __always_inline void halt(void)
{
}

static __always_inline unsigned long arch_local_save_flags(void)
{
	return shim_irq_flags();
}

static __always_inline void arch_local_irq_disable(void)
{
	shim_irq_disable();
}

static __always_inline void arch_local_irq_enable(void)
{
	shim_irq_enable();
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = shim_irq_flags();

	shim_irq_disable();
	return flags;
}

static __always_inline int arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static __always_inline int arch_irqs_disabled(void)
{
	return arch_irqs_disabled_flags(shim_irq_flags());
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (!arch_irqs_disabled_flags(flags))
		shim_irq_enable();
}

#endif
