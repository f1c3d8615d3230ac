// SPDX-License-Identifier: GPL-2.0-only
/*
 * signal.c - traps: the core is asked first (WARN and exception fixups are traps to a kernel), then it is a stray
 * access.
 *
 * A sanitizer that has put up a handler of its own describes a stray access better: it gets what the core did not want.
 */
#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "cpu.h"

#define SIGNAL_STACK_BYTES (256 * 1024) /* the core's trap hook formats reports here */

static const int trap_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP };
static struct sigaction previous[array_length(trap_signals)];

static void describe_and_exit(int signo, uintptr_t address, uintptr_t pc)
{
	void *frames[64];
	int count;

	host_report(HOST_REPORT_MEMORY, NULL, 0, "signal %d (%s): address %#lx, pc %#lx", signo, strsignal(signo),
		    address, pc);
	count = backtrace(frames, array_length(frames));
	backtrace_symbols_fd(frames, count, STDERR_FILENO);
	_exit(1);
}

static void pass_on(int signo, siginfo_t *information, void *ucontext, uintptr_t pc)
{
	for (unsigned int i = 0; i < array_length(trap_signals); i++) {
		if (trap_signals[i] != signo)
			continue;
		if ((previous[i].sa_flags & SA_SIGINFO) && previous[i].sa_sigaction) {
			previous[i].sa_sigaction(signo, information, ucontext);
			return;
		}
	}
	describe_and_exit(signo, (uintptr_t)information->si_addr, pc);
}

static void on_trap(int signo, siginfo_t *information, void *ucontext)
{
	greg_t *registers = ((ucontext_t *)ucontext)->uc_mcontext.gregs;
	const struct host_core_hooks *hooks = __atomic_load_n(&core_hooks, __ATOMIC_ACQUIRE);
	bool own_stack = trap_flags(signo) & SA_ONSTACK, handled;
	uintptr_t pc = (uintptr_t)registers[REG_RIP];
	struct host_trap trap = {
		.signo = signo,
		.address = (uintptr_t)information->si_addr,
		.pc = (uintptr_t *)&registers[REG_RIP],
		.ucontext = ucontext,
	};

	if (signo == SIGSEGV && memory_write_fault(trap.address))
		return;
	if (!this_cpu) {
		pass_on(signo, information, ucontext, pc);
		return;
	}
	if (this_cpu->trap_depth > 3) /* the report itself traps: no way to say more */
		_exit(1);
	this_cpu->trap_depth++;
	if (own_stack)
		switching_off();
	handled = hooks && hooks->trap && hooks->trap(&trap);
	if (!handled)
		pass_on(signo, information, ucontext, pc);
	if (own_stack)
		switching_on();
	this_cpu->trap_depth--;
}

void signals_init(void)
{
	struct sigaction action = { .sa_sigaction = on_trap };

	sigemptyset(&action.sa_mask);
	for (unsigned int i = 0; i < array_length(trap_signals); i++) {
		action.sa_flags = SA_SIGINFO | SA_NODEFER | trap_flags(trap_signals[i]);
		HOST_ASSERT(!sigaction(trap_signals[i], &action, &previous[i]));
	}
}

/* Sanitizers give each thread a stack for signals, and want it back: theirs is used when there is one. */
void signals_cpu_online(struct host_cpu *cpu)
{
	stack_t old, new = { .ss_size = SIGNAL_STACK_BYTES };

	HOST_ASSERT(!sigaltstack(NULL, &old));
	if (!(old.ss_flags & SS_DISABLE))
		return;
	new.ss_sp = malloc(SIGNAL_STACK_BYTES);
	HOST_ASSERT(new.ss_sp);
	HOST_ASSERT(!sigaltstack(&new, NULL));
	cpu->signal_stack = new.ss_sp;
}

void signals_cpu_offline(struct host_cpu *cpu)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	if (!cpu->signal_stack)
		return;
	HOST_ASSERT(!sigaltstack(&none, NULL));
	free(cpu->signal_stack);
	cpu->signal_stack = NULL;
}
