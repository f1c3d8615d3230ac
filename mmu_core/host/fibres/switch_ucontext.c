// SPDX-License-Identifier: GPL-2.0-only
/*
 * switch_ucontext.c - changes stacks where nobody has written the few instructions for it: two system calls a switch,
 * for a signal mask that never changes.
 */
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

void fibre_switch(void **save, void *load);
void *fibre_frame(void *top, void (*entry)(void), size_t bytes);

void fibre_switch(void **save, void *load)
{
	ucontext_t here; /* on the stack that it describes */

	*save = &here;
	swapcontext(&here, load);
}

void *fibre_frame(void *top, void (*entry)(void), size_t bytes)
{
	ucontext_t *context = (ucontext_t *)(((uintptr_t)top - sizeof(*context)) & ~(uintptr_t)63);
	char *bottom = (char *)top - bytes;

	if (getcontext(context))
		return NULL;
	context->uc_stack.ss_sp = bottom;
	context->uc_stack.ss_size = (size_t)((char *)context - bottom);
	context->uc_link = NULL;
	makecontext(context, entry, 0);
	return context;
}
