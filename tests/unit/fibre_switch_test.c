// SPDX-License-Identifier: GPL-2.0-only
/* fibre_switch_test.c - changing stacks keeps what a function must preserve; built with each way of doing it. */
#include <fenv.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

#define STACK_BYTES 65536

void fibre_switch(void **save, void *load);
void *fibre_frame(void *top, void (*entry)(void), size_t bytes);

static char stack[STACK_BYTES] __attribute__((aligned(64)));
static void *caller, *callee;
static unsigned int entered;
static uintptr_t local_at;

/* Uses every register that it may, and comes back with another rounding. */
static __attribute__((no_sanitize("address"))) void other(void)
{
	volatile uint64_t local = 0x0123456789abcdef;

	local_at = (uintptr_t)&local;
	CHECK(local_at > (uintptr_t)stack && local_at < (uintptr_t)stack + sizeof(stack));
	CHECK(!((uintptr_t)__builtin_frame_address(0) & 15));
	for (;;) {
		entered++;
		fesetround(FE_UPWARD);
		fibre_switch(&callee, caller);
		CHECK(fegetround() == FE_UPWARD);
		CHECK(local == 0x0123456789abcdef);
	}
}

static void registers_are_kept(void)
{
	uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;

	fesetround(FE_DOWNWARD);
	for (unsigned int i = 0; i < 1000; i++) {
		__asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
		fibre_switch(&caller, callee);
		CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6);
		CHECK(fegetround() == FE_DOWNWARD);
	}
	fesetround(FE_TONEAREST);
	CHECK(entered == 1000);
}

int main(void)
{
	memset(stack, 0xa5, sizeof(stack));
	callee = fibre_frame(stack + sizeof(stack), other, sizeof(stack));
	RUN(registers_are_kept);
	return 0;
}
