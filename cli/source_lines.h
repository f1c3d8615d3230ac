/* SPDX-License-Identifier: GPL-2.0-only */
/* source_lines.h - functions and source lines of addresses in this program, by LLVM's symbolizer where there is one. */
#ifndef CLI_SOURCE_LINES_H
#define CLI_SOURCE_LINES_H

#include <stddef.h>
#include <stdint.h>

struct source_line {
	char function[80]; /* the outermost one at that address: not one that was inlined */
	char place[80]; /* "mmu/tdp_mmu.c:1177", of what was inlined there; empty: not known */
};

/* @lines: one for each of @addresses. */
void source_lines(const uintptr_t *addresses, size_t count, struct source_line *lines);

#endif
