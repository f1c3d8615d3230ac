/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout.h - the memslot layout of a real machine as a program.
 *
 * A .layout (corpora/layouts/README.md) is what a VMM asked of KVM, one event a line.  The program does the same, and
 * after each event a vCPU accesses memory around the edges of the slot concerned, where it was and where it is:
 *   in the slot's own address space, reads and writes; for address space 1 between an SMI and an RSM, while that space
 *   has writable memory where KVM saves the state (KVM kills a VM whose SMI finds none);
 *   what is gone, at its first and last page, in both address spaces.
 * Every LAYOUT_AUDIT_EVENTS events (more where that would be more than LAYOUT_AUDITS_MAX times), and at the end, dirty
 * logs are harvested and judged and all is audited.
 *
 * Where there are more than LAYOUT_EDGE_EVENTS events, those that come from one line (fill, repeat) have accesses only
 * for the first and the last of them and every n-th, so that about that many are left.
 *
 * Host memory: slots that show the same memory of the VMM do so here, and an address keeps its place in its 1 GiB
 * frame, so that huge pages fit where they did.  What names no memory has one page of it for each guest page.  All
 * private slots share one guest_memfd.
 */
#ifndef HARNESS_PROGRAM_LAYOUT_H
#define HARNESS_PROGRAM_LAYOUT_H

#include "harness/program/program.h"

#define LAYOUT_EVENTS_MAX 65536 /* fill and repeat spelt out */
#define LAYOUT_EDGE_EVENTS 4096
#define LAYOUT_AUDIT_EVENTS 64
#define LAYOUT_AUDITS_MAX 32

/* As program_parse(), of a .layout; what cannot be replayed (slots that overlap, memory without end) is an error. */
bool layout_parse(const char *text, size_t size, struct program *program, struct program_error *error);

#endif
