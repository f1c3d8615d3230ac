/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare.h - one program on two cores, or on two machines of one: what each operation came to, and what is so after
 * it.
 *
 * Two processes do the same program in one thread and tell, after each operation, what they see through the core's
 * views; a third reads both and names the differences.  pfns mean nothing to another process: a page is named by what
 * it backs.
 *
 * Compared: results; slots; for each gfn of each address space what is mapped, with which permissions, in valid roots;
 *           dirty bits; counters.
 * Counted:  levels of leafs, MMIO entries, flushes, and what else may differ.
 * Not:      A and D bits, roots, order of anything within an operation.
 * Source:   spec.md 11.
 */
#ifndef HARNESS_COMPARE_COMPARE_H
#define HARNESS_COMPARE_COMPARE_H

#include <stdio.h>

#include "harness/program/program.h"
#include "harness/run/run.h"

/* ---------------------------------------------------------------------------------------------------- what is seen */

enum seen_kind {
	SEEN_OP, /* ends what belongs to it */
	SEEN_SLOT,
	SEEN_LEAF,
	SEEN_DIRTY, /* 64 pages of a slot, of which some are */
	SEEN_COUNTER,
	SEEN_NOTE, /* an entry that says that nothing is there */
	SEEN_FLUSHES, /* counters that may differ */
	SEEN_LEAFS_COUNTED,
	SEEN_OVERRUN, /* the rings have lost something (world.h) */
	SEEN_KINDS,
};

enum seen_leaf_bits {
	SEEN_READ = 1 << 0,
	SEEN_WRITE = 1 << 1,
	SEEN_EXEC = 1 << 2,
	SEEN_PRIVATE = 1 << 3, /* a page of a guest_memfd */
	SEEN_MAY_WRITE = 1 << 4, /* a write needs nobody's leave: W or a fault that gives it */
	SEEN_TRACKED = 1 << 5, /* permits nothing until it is accessed */
	SEEN_LEVEL_SHIFT = 8,
};

/*
 *            a              b      c          d           e
 * OP         index          code   result
 * SLOT       as << 16 | id  flags  base       npages      hva
 * LEAF       as             bits   gfn        npages      what backs it: file << 48 | page, or page of the process
 * DIRTY      as << 16 | id         page / 64  bits
 * COUNTER    enum                  value                   also FLUSHES, LEAFS_COUNTED
 * NOTE       as                    gfn
 */
struct seen {
	uint32_t kind;
	uint32_t a;
	uint64_t b, c, d, e;
};

/* Takes out what cannot be compared, or what only one of the two has (core.h); how many operations that were. */
size_t compare_leave_out(struct program *program, const struct mmu_core_ops *left, const struct mmu_core_ops *right);

/* Writes to @out what is seen in a run with @options.  Its own memory is libc's: a snapshot leaves it alone. */
struct compare_observer *compare_observer_create(FILE *out, struct run_options *options);
void compare_observer_destroy(struct compare_observer *observer);

/* Runs the program on a core that has been brought up, and writes what is seen to @out.  0 or -errno. */
int compare_observe(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		    const struct program *program, FILE *out);

/* --------------------------------------------------------------------------------------------------- what differs */

enum difference {
	DIFFERENCE_LENGTH, /* one of them has ended early */
	DIFFERENCE_RESULT,
	DIFFERENCE_SLOTS,
	DIFFERENCE_PAGE, /* another page is mapped */
	DIFFERENCE_PERMISSIONS,
	DIFFERENCE_MAPPED, /* only one has it mapped */
	DIFFERENCE_COUNTER,
	/* Expected, as policies differ: counted only.  D-a to D-k are those of spec.md 11. */
	DIFFERENCE_PRIVATE, /* D-a */
	DIFFERENCE_ALL_ZAPPED, /* D-b */
	DIFFERENCE_LEVEL, /* D-c */
	DIFFERENCE_NEIGHBOURS, /* D-d */
	DIFFERENCE_RETRIES, /* D-e */
	DIFFERENCE_MORE_DIRTY, /* D-f */
	DIFFERENCE_FLUSHES, /* D-g */
	DIFFERENCE_MMIO, /* D-h */
	DIFFERENCE_SHADOW, /* D-i */
	DIFFERENCE_LEAFS_COUNTED, /* D-j */
	DIFFERENCE_TRACKED_ELSEWHERE, /* D-k */
	/* Bugs of KVM (docs/FINDINGS.md) that end the comparison: memory, slots or vCPUs are others from then on. */
	DIFFERENCE_MMIO_INFO,
	DIFFERENCE_GMEM_END,
	DIFFERENCE_RING_OVERRUN,
	DIFFERENCE_SMM,
	DIFFERENCE_VCPU_ID,
	DIFFERENCE_NO_ROOM, /* ends it, too; a way of older kernels, as the next three */
	DIFFERENCE_SPLIT_ZAPPED,
	DIFFERENCE_PREFAULT,
	DIFFERENCE_WINDOW_BY_HVA,
	DIFFERENCE_REFUSED_MOVE,
	DIFFERENCE_ERRNO,
	DIFFERENCE_TRACKED, /* one of the machines has no A bit */
	DIFFERENCES,
};
#define DIFFERENCE_FIRST_EXPECTED DIFFERENCE_PRIVATE

const char *difference_name(enum difference difference);
const char *difference_meaning(enum difference difference); /* and what spec.md says of it */

/* After how many operations something differs that did not before; the first time, in words. */
struct comparison {
	const char *left_name, *right_name;
	const struct program *program;
	uint64_t peculiar; /* bit set of enum difference: what only some kernels do, and one of the sides does */
	uint64_t ops;
	uint64_t count[DIFFERENCES];
	uint64_t last_size[DIFFERENCES]; /* how much differed after the operation before */
	uint64_t size[DIFFERENCES];
	char first[DIFFERENCES][256];
	uint32_t first_op[DIFFERENCES]; /* its number, and its code */
	uint8_t first_code[DIFFERENCES];
};

/*
 * Bugs, and ways of older kernels: a bit set of those differences that come of @core's source.  A tree that does not
 * have one is not excused by it.
 */
uint64_t compare_peculiar(const struct mmu_core_ops *core);

void compare_streams(struct comparison *comparison, FILE *left, FILE *right);
bool compare_differs(const struct comparison *comparison); /* in what is not expected */
/* The earliest one that is not expected; DIFFERENCES: there is none. */
enum difference compare_first(const struct comparison *comparison);
void compare_print(const struct comparison *comparison, FILE *out);
/*
 * Which side spec.md supports, and why, where checks of its rules have found something (@left_found, @right_found) or
 * not.
 */
const char *compare_verdict(const struct comparison *comparison, bool left_found, bool right_found);

#endif
