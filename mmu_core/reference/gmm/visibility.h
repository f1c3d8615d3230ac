/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * visibility.h - memory that is there in some modes of a CPU only: what was merged into KVM, and what was proposed.
 *
 * A mode is a number of k bits (k = 1: bit 0 is system-management mode; k = 2: a second kind of protected region), a
 * set of modes a mask of 2^k bits.  A region says what backs gfns in a set of modes; where none does, nothing is there.
 * Four designs keep regions as slots, all behind the same functions:
 *
 *     SPACES     a whole table of slots for each mode that can be reached: KVM, with two address spaces
 *     FLAG       one table; a slot names the bits without which it is not seen: the SMRAM flag
 *     TRISTATE   one table; a slot wants each bit set, or clear, or does not care; slots that no mode sees both of may
 *                overlap: Avi Kivity's three states
 *     OVERLAY_A  one table; an attribute of each gfn names bits without which nothing is there
 *     OVERLAY_B  the same, but without them there may be a second slot instead of nothing
 *
 * Not every design can say everything: vis_add() refuses what this one cannot.
 * Entries differ by mode with each of them, so that tables of entries (roots) are one for each class (vis_class()).
 *
 * Units:     gfns and npages in 4 KiB pages, hvas in bytes.
 * Locking:   none; changes and lookups exclude each other.
 * Ownership: all memory is the visibility's.
 * Source:    spec.md S0.1 to S0.6, S1.2, S1.7.
 */
#ifndef MMU_REFERENCE_GMM_VISIBILITY_H
#define MMU_REFERENCE_GMM_VISIBILITY_H

#include "gmm/radix.h"
#include "gmm/slot.h"

#define VIS_BITS_MAX 2
#define VIS_MODES_MAX (1u << VIS_BITS_MAX)
#define VIS_SETS_MAX 9 /* TRISTATE with 2 bits: 3^2 */

enum vis_backend {
	VIS_SPACES,
	VIS_FLAG,
	VIS_TRISTATE,
	VIS_OVERLAY_A,
	VIS_OVERLAY_B,
	VIS_BACKENDS,
};

struct vis_region {
	gfn_t base;
	uint64_t npages;
	unsigned int modes; /* in which it is seen: bit m for mode m */
	hva_t hva;
	bool readonly;
};

/* One slot that a design keeps. */
struct vis_slot {
	struct gmm_slot slot;
	struct gmm_slot_set *set;
	unsigned int modes; /* in which it is seen */
	struct vis_slot *next;
};

struct vis {
	const struct vis_design *design;
	unsigned int bits;
	unsigned int reachable; /* modes; others need no table */
	struct gmm_slot_set set[VIS_SETS_MAX];
	struct gmm_radix attributes; /* OVERLAY: by gfn, the bits that are wanted */
	struct vis_slot *slots;
	uint16_t next_id;
	uint64_t lookups; /* in containers, so far */
	/* What was seen of these gfns may be something else from now on; NULL: nobody keeps any of it. */
	void (*zap)(void *context, gfn_t base, uint64_t npages);
	void *context;
};

const char *vis_name(enum vis_backend backend);
void vis_init(struct vis *vis, enum vis_backend backend, unsigned int bits, unsigned int reachable);
void vis_destroy(struct vis *vis);

/* -EEXIST: a mode would see two; -EOPNOTSUPP: the design cannot say that; -ENOMEM.  Then nothing has changed. */
int vis_add(struct vis *vis, const struct vis_region *region);
/* Whatever there is in the range that was added as one. */
void vis_remove(struct vis *vis, gfn_t base, uint64_t npages);

/* What a CPU in @mode finds at @gfn; NULL: nothing. */
struct gmm_slot *vis_find(struct vis *vis, unsigned int mode, gfn_t gfn);
hva_t vis_hva(const struct gmm_slot *slot, gfn_t gfn);
/* A guest's write is logged where the guest has found the page.  False: nothing is there that may be written. */
bool vis_write(struct vis *vis, unsigned int mode, gfn_t gfn);
/* The log of all slots, as pages of the process: each hva that was written, perhaps more than once. */
void vis_dirty_hvas(const struct vis *vis, void (*visitor)(void *context, hva_t hva), void *context);

/* Which modes may share tables of entries: those of one class. */
unsigned int vis_class(const struct vis *vis, unsigned int mode);

/*
 * The class as a part of the role: an architecture's own byte at the top of the word (KVM's `smm`), or the low byte of
 * the part that all architectures have (RFC of 2022: `as_id`).  Nothing else differs.
 */
enum vis_role {
	VIS_ROLE_SMM,
	VIS_ROLE_AS_ID,
	VIS_ROLES,
};
uint32_t vis_role(enum vis_role kind, uint32_t rest, unsigned int class);
unsigned int vis_class_of_role(enum vis_role kind, uint32_t role);

struct vis_cost {
	uint64_t slots;
	uint64_t bytes; /* slots, what is kept for each page and each frame, attributes */
};
struct vis_cost vis_cost(const struct vis *vis);

/* -------------------------------------------------------------------------------------------- one design (vis_*.c) */

/* A set of slots, and the modes that see what is put there. */
struct vis_place {
	unsigned int set;
	unsigned int modes;
};

struct vis_design {
	const char *name;
	/* Where slots of a region go; 0: it cannot be said. */
	unsigned int (*places)(const struct vis *vis, unsigned int modes, struct vis_place places[VIS_SETS_MAX]);
	struct gmm_slot *(*find)(struct vis *vis, unsigned int mode, gfn_t gfn);
	/* Before the slots are there; NULL: nothing to do.  0, -EOPNOTSUPP, -ENOMEM. */
	int (*prepare)(struct vis *vis, const struct vis_region *region);
};

extern const struct vis_design vis_spaces, vis_flag, vis_tristate, vis_overlay_a, vis_overlay_b;

struct gmm_slot *vis_find_in(struct vis *vis, unsigned int set, gfn_t gfn);
/* Is there a slot with some gfns of the region, whoever sees it? */
bool vis_is_taken(const struct vis *vis, const struct vis_region *region);
bool vis_overlaps(const struct vis_slot *slot, const struct vis_region *region);
/* The bits without which a region is not seen, if that is all that @modes amount to; false: it is not. */
bool vis_wanted_bits(const struct vis *vis, unsigned int modes, unsigned int *wanted);
static inline unsigned int vis_all_modes(const struct vis *vis)
{
	return (1u << (1u << vis->bits)) - 1;
}

#endif
