/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * symbols.h - the running program's own symbol table, static functions included.
 *
 * backtrace_symbols() knows exported names only, and nearly all of KVM's MMU is static.
 * Locking: symbols_load() once, before threads start; the others read only and may run in a signal handler.
 */
#ifndef HARNESS_FINDING_SYMBOLS_H
#define HARNESS_FINDING_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/* 0, or -errno when /proc/self/exe cannot be read; then names are unknown. */
int symbols_load(void);

/* The function that @address is in, and how far; NULL: outside the program. */
const char *symbols_name(uintptr_t address, size_t *offset);

#endif
