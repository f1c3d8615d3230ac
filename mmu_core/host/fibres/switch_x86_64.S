/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch_x86_64.S - changes stacks (System V ABI, x86-64 supplement 3.2.1 and 3.2.3): the registers that a function
 * must preserve, MXCSR and the x87 control word.
 *
 * A saved stack holds, upwards: control words, r15, r14, r13, r12, rbx, rbp, return address.
 */
	.text

	.globl	fibre_switch
	.type	fibre_switch, @function
fibre_switch:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	.cfi_def_cfa_offset 64
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
	.size	fibre_switch, . - fibre_switch

	/* The entry finds the stack as a call would leave it; its return address of 0 ends backtraces. */
	.globl	fibre_frame
	.type	fibre_frame, @function
fibre_frame:
	andq	$-16, %rdi
	movq	$0, -8(%rdi)
	movq	%rsi, -16(%rdi)
	xorl	%eax, %eax
	movq	%rax, -24(%rdi)
	movq	%rax, -32(%rdi)
	movq	%rax, -40(%rdi)
	movq	%rax, -48(%rdi)
	movq	%rax, -56(%rdi)
	movq	%rax, -64(%rdi)
	stmxcsr	-72(%rdi)
	fnstcw	-68(%rdi)
	leaq	-72(%rdi), %rax
	ret
	.size	fibre_frame, . - fibre_frame

	.section .note.GNU-stack, "", @progbits
