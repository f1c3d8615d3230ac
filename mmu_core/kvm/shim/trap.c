// SPDX-License-Identifier: GPL-2.0-only
/*
 * trap.c - what the kernel does with a processor exception: WARN and BUG (ud2, looked up in the real __bug_table),
 * privileged instructions, and faults with an entry in the exception table.
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <linux/bug.h>
#include <linux/extable.h>
#include <linux/static_call.h>

#include "shim.h"

#define SIGILL 4
#define SIGSEGV 11

/* The first words of ucontext_t on x86-64 Linux: flags, link, stack, then the registers in this order. */
struct user_context {
	unsigned long flags, link, stack_pointer, stack_flags, stack_size;
	unsigned long r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
};

extern struct bug_entry __start___bug_table[], __stop___bug_table[];

/* What __warn_printk() said just before its ud2. */
static DEFINE_PER_CPU(char[256], warn_text);

static unsigned long bug_address(const struct bug_entry *bug)
{
	return (unsigned long)&bug->bug_addr_disp + bug->bug_addr_disp;
}

static struct bug_entry *find_bug_entry(unsigned long pc)
{
	for (struct bug_entry *bug = __start___bug_table; bug < __stop___bug_table; bug++)
		if (bug_address(bug) == pc)
			return bug;
	return NULL;
}

/* A tree's path is long and differs from machine to machine; what counts starts below it. */
const char *shim_below_tree(const char *file)
{
	static const char *const tops[] = { "/arch/x86/", "/virt/", "/include/", "/lib/", "/mmu_core/" };

	for (unsigned int i = 0; i < ARRAY_SIZE(tops); i++) {
		const char *found = strstr(file, tops[i]);

		if (found)
			return found + 1;
	}
	return file;
}

static const char *bug_file(const struct bug_entry *bug)
{
	return shim_below_tree((const char *)&bug->file_disp + bug->file_disp);
}

static void report_warning(struct bug_entry *bug, const char *text)
{
	if ((bug->flags & BUGFLAG_ONCE) && (bug->flags & BUGFLAG_DONE))
		return;
	bug->flags |= BUGFLAG_DONE;
	host_report(HOST_REPORT_WARN, bug_file(bug), bug->line, "%s", *text ? text : "WARN_ON");
}

static bool report_bug_at(struct bug_entry *bug, uintptr_t *pc)
{
	char *text = *raw_cpu_ptr(&warn_text);

	if (!(bug->flags & BUGFLAG_WARNING))
		host_report(HOST_REPORT_BUG, bug_file(bug), bug->line, "kernel BUG");
	*pc += 2;
	report_warning(bug, text);
	*text = 0;
	return true;
}

#if HAVE_WARN_TRAP
/* real: a WARN with a message, which newer kernels reach through a static call instead of an exception */
void __WARN_trap(struct bug_entry *bug, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, bug);
	vsnprintf(text, sizeof(text), (const char *)&bug->format_disp + bug->format_disp, arguments);
	va_end(arguments);
	report_warning(bug, text);
}

/* real */
DEFINE_STATIC_CALL(WARN_trap, __WARN_trap);
#endif

/* real: the text of the WARN that follows */
void __warn_printk(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(*raw_cpu_ptr(&warn_text), sizeof(warn_text), format, arguments);
	va_end(arguments);
}

/* modelled: the few MSRs that KVM reads of its host; all others read 0 */
unsigned long long shim_read_msr(unsigned int number)
{
	switch (number) {
	case MSR_EFER:
		return EFER_LME | EFER_LMA | EFER_NX | EFER_SCE;
	case MSR_IA32_CR_PAT:
		return 0x0007040600070406;
	case MSR_IA32_ARCH_CAPABILITIES:
		return ARCH_CAP_RDCL_NO | ARCH_CAP_SKIP_VMENTRY_L1DFLUSH | ARCH_CAP_MDS_NO | ARCH_CAP_PSCHANGE_MC_NO;
	default:
		return 0;
	}
}

static unsigned long *register_of(struct user_context *context, unsigned int number)
{
	unsigned long *const by_number[] = { &context->rax, &context->rcx, &context->rdx, &context->rbx,
					     &context->rsp, &context->rbp, &context->rsi, &context->rdi };

	return by_number[number & 7];
}

/* rdmsr, wrmsr, moves from and to control and debug registers, wbinvd: what may stand in KVM's own code. */
static bool emulate_privileged(struct user_context *context)
{
	const u8 *code = (const u8 *)context->rip;
	u64 value;

	if (code[0] != 0x0f)
		return false;
	switch (code[1]) {
	case 0x32:
		value = shim_read_msr(context->rcx);
		context->rax = (u32)value;
		context->rdx = value >> 32;
		context->rip += 2;
		return true;
	case 0x30:
	case 0x09:
		context->rip += 2;
		return true;
	case 0x20:
	case 0x21:
		value = code[1] == 0x20 && (code[2] >> 3 & 7) == 4 ? X86_CR4_PAE : 0;
		*register_of(context, code[2]) = value;
		context->rip += 3;
		return true;
	case 0x22:
	case 0x23:
		context->rip += 3;
		return true;
	default:
		return false;
	}
}

bool shim_trap(struct host_trap *trap)
{
	struct user_context *context = trap->ucontext;
	struct bug_entry *bug;

	if (trap->signo == SIGILL) {
		bug = find_bug_entry(*trap->pc);
		return bug && report_bug_at(bug, trap->pc);
	}
	if (trap->signo != SIGSEGV || !emulate_privileged(context))
		return false;
	*trap->pc = context->rip;
	return true;
}
