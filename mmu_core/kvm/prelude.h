/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prelude.h - seen before every kernel header: turns off what needs the kernel's build tools or its text patching, and
 * turns on the checks that the generated .config could only have together with tracing.
 */

/* Calls, per-cpu accesses and unlocks that objtool, patching or inlining would handle. */
#undef CONFIG_HAVE_STATIC_CALL
#undef CONFIG_HAVE_STATIC_CALL_INLINE
#undef CONFIG_OBJTOOL
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT
#undef CONFIG_INLINE_SPIN_UNLOCK
#undef CONFIG_INLINE_SPIN_UNLOCK_IRQ
#undef CONFIG_INLINE_READ_UNLOCK
#undef CONFIG_INLINE_READ_UNLOCK_IRQ
#undef CONFIG_INLINE_WRITE_UNLOCK
#undef CONFIG_INLINE_WRITE_UNLOCK_IRQ
#undef CONFIG_UNINLINE_SPIN_UNLOCK
#define CONFIG_UNINLINE_SPIN_UNLOCK 1

/* Read sections and preemption as functions: regions that may not be preempted are RCU readers. */
#undef CONFIG_PREEMPT_RCU
#define CONFIG_PREEMPT_RCU 1
#undef CONFIG_PREEMPT_COUNT
#define CONFIG_PREEMPT_COUNT 1
#undef CONFIG_DEBUG_PREEMPT
#define CONFIG_DEBUG_PREEMPT 1

/* Where a WARN stands, and the lock conditions that KVM's authors wrote. */
#undef CONFIG_DEBUG_BUGVERBOSE
#define CONFIG_DEBUG_BUGVERBOSE 1
#undef CONFIG_DEBUG_ATOMIC_SLEEP
#define CONFIG_DEBUG_ATOMIC_SLEEP 1
#undef CONFIG_LOCKDEP
#define CONFIG_LOCKDEP 1
#undef CONFIG_DEBUG_LOCK_ALLOC
#define CONFIG_DEBUG_LOCK_ALLOC 1
#undef CONFIG_PROVE_LOCKING
#define CONFIG_PROVE_LOCKING 1
#undef CONFIG_PROVE_RCU
#define CONFIG_PROVE_RCU 1
#undef CONFIG_LOCKDEP_BITS
#define CONFIG_LOCKDEP_BITS 15
#undef CONFIG_LOCKDEP_CHAINS_BITS
#define CONFIG_LOCKDEP_CHAINS_BITS 16
