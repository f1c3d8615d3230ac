/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_aarch64.S - changes stacks (AAPCS64 6.1): x19 to x30, d8 to d15, FPCR.
 *
 * A saved stack holds, upwards: x19 to x30, d8 to d15, FPCR, 8 bytes unused.
 */
#define FRAME 176

	.macro	preserved instruction
	\instruction	x19, x20, [sp, #0]
	\instruction	x21, x22, [sp, #16]
	\instruction	x23, x24, [sp, #32]
	\instruction	x25, x26, [sp, #48]
	\instruction	x27, x28, [sp, #64]
	\instruction	x29, x30, [sp, #80]
	\instruction	d8, d9, [sp, #96]
	\instruction	d10, d11, [sp, #112]
	\instruction	d12, d13, [sp, #128]
	\instruction	d14, d15, [sp, #144]
	.endm

	.text

	.globl	fibre_switch
	.type	fibre_switch, %function
fibre_switch:
	sub	sp, sp, #FRAME
	preserved stp
	mrs	x9, fpcr
	str	x9, [sp, #160]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldr	x9, [sp, #160]
	msr	fpcr, x9
	preserved ldp
	add	sp, sp, #FRAME
	ret
	.size	fibre_switch, . - fibre_switch

	/* Entered by the ret above; a frame pointer of 0 ends backtraces. */
	.globl	fibre_frame
	.type	fibre_frame, %function
fibre_frame:
	and	x0, x0, #~15
	sub	x0, x0, #FRAME
	stp	xzr, xzr, [x0, #0]
	stp	xzr, xzr, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	stp	xzr, xzr, [x0, #64]
	stp	xzr, x1, [x0, #80]
	stp	xzr, xzr, [x0, #96]
	stp	xzr, xzr, [x0, #112]
	stp	xzr, xzr, [x0, #128]
	stp	xzr, xzr, [x0, #144]
	mrs	x9, fpcr
	str	x9, [x0, #160]
	ret
	.size	fibre_frame, . - fibre_frame

	.section .note.GNU-stack, "", %progbits
