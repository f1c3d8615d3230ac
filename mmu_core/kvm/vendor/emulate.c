// SPDX-License-Identifier: GPL-2.0-only
/*
 * emulate.c - the instruction behind an access, for the kernel's emulator.
 *
 * A guest access is an event, not an instruction; when KVM decides to emulate one (MMIO, a write to a read-only slot
 * or to a write-tracked page) it gets real instruction bytes, as SVM's decode assists give it, and real registers.
 * So MMIO exits, coalescing and their completion are KVM's own.
 *
 *   read, write   MOV between RAX and [RBX], eight bytes in long mode and four in real mode, one at the end of a page
 *   exec          NOP: the instruction that had been fetched before its page became MMIO.  Emulation completes it.
 *
 * RBX holds the offset in the page only: with a direct MMU the emulator takes the page from the gpa of the fault
 * (emulator_read_write_onepage(): gpa_available), so gpas beyond what the mode can address work too.
 */
#include "vendor.h"

#include "kvm_emulate.h"
#include "mmu.h"

struct instruction {
	u8 bytes[4];
	int length;
};

static const struct instruction fetch = { { 0x90 }, 1 };

/* [long mode][write][one byte] */
static const struct instruction moves[2][2][2] = {
	{
		{ { { 0x66, 0x8b, 0x07 }, 3 }, { { 0x8a, 0x07 }, 2 } },
		{ { { 0x66, 0x89, 0x07 }, 3 }, { { 0x88, 0x07 }, 2 } },
	},
	{
		{ { { 0x48, 0x8b, 0x03 }, 3 }, { { 0x8a, 0x03 }, 2 } },
		{ { { 0x48, 0x89, 0x03 }, 3 }, { { 0x88, 0x03 }, 2 } },
	},
};

static const struct instruction *instruction_of(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit)
{
	const bool long_mode = vcpu->arch.efer & EFER_LMA;
	const bool write = exit->access & MMU_WRITE;
	const bool crosses = offset_in_page(exit->gpa) + (long_mode ? 8 : 4) > PAGE_SIZE;

	return exit->access & MMU_EXEC ? &fetch : &moves[long_mode][write][crosses];
}

/*
 * Hands a fault to KVM together with the instruction that made it.  From here until the next entry the emulator may
 * complete that instruction, at once or after an exit to userspace (vendor_update_emulated_instruction()).
 */
int vendor_page_fault(struct kvm_vcpu *vcpu, const struct mmu_guest_exit *exit, u64 error_code)
{
	const struct instruction *instruction = instruction_of(vcpu, exit);

	HOST_ASSERT(vendor_config.tdp || !(exit->gpa >> 32)); /* shadow paging: gpas are the addresses of 32-bit code */
	vcpu->arch.regs[VCPU_REGS_RAX] = exit->access & MMU_WRITE ? exit->value : 0;
	vcpu->arch.regs[VCPU_REGS_RBX] = offset_in_page(exit->gpa);
	to_vendor(vcpu)->access.outstanding = true;
	return kvm_mmu_page_fault(vcpu, exit->gpa, error_code, (void *)instruction->bytes, instruction->length);
}

/* real: RSM always exits; outside SMM the emulator answers with #UD */
int vendor_emulate_rsm(struct kvm_vcpu *vcpu)
{
	u8 rsm[] = { 0x0f, 0xaa };

	return kvm_emulate_instruction_from_buffer(vcpu, rsm, sizeof(rsm));
}

/* real: KVM retires an instruction; if it was the one behind an access, the guest must not repeat that */
void vendor_update_emulated_instruction(struct kvm_vcpu *vcpu)
{
	struct vendor_access *access = &to_vendor(vcpu)->access;

	if (!access->outstanding)
		return;
	access->outstanding = false;
	access->completed = true;
	access->value = vcpu->arch.regs[VCPU_REGS_RAX];
}

/* traps: for instructions that exit by themselves; the simulated CPU has none that KVM skips */
int vendor_skip_emulated_instruction(struct kvm_vcpu *vcpu)
{
	VENDOR_TRAP();
}

/* real: the bytes are always there, none of the errata of vmx.c and svm.c apply */
int vendor_check_emulate_instruction(struct kvm_vcpu *vcpu, int emul_type, void *insn, int insn_len)
{
	return X86EMUL_CONTINUE;
}

/* real: the older form of the question above */
bool vendor_can_emulate_instruction(struct kvm_vcpu *vcpu, int emul_type, void *insn, int insn_len)
{
	return true;
}

/* traps: asked for nested guests only */
int vendor_check_intercept(struct kvm_vcpu *vcpu, struct x86_instruction_info *info, enum x86_intercept_stage stage,
			   struct x86_exception *exception)
{
	VENDOR_TRAP();
}

/* traps: the guest makes no hypercalls */
void vendor_patch_hypercall(struct kvm_vcpu *vcpu, unsigned char *hypercall)
{
	VENDOR_TRAP();
}
