// SPDX-License-Identifier: GPL-2.0-only
/* string.c - the kernel's own variants of string functions, on those of libc. */
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "shim.h"

/* real: like vsnprintf(), but says how much was written */
int vscnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	int length = size ? vsnprintf(buffer, size, format, arguments) : 0;

	return length < (int)size ? length : (int)size - 1;
}

/* real */
int scnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vscnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

/* real: the caller passes the number of bytes in rcx and the page in rdi, and expects only those two to change */
asm(".globl __clear_pages_unrolled\n"
    ".type __clear_pages_unrolled, @function\n"
    "__clear_pages_unrolled:\n"
    "	pushq %rax\n"
    "	xorl %eax, %eax\n"
    "	rep stosb\n"
    "	popq %rax\n"
    "	ret\n");

/* real: the caller's assembly allows only rax, rcx and rdi to change */
asm(".globl clear_page_orig\n"
    ".type clear_page_orig, @function\n"
    "clear_page_orig:\n"
    "	xorl %eax, %eax\n"
    "	movl $512, %ecx\n"
    "	rep stosq\n"
    "	ret\n");
