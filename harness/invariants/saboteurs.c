// SPDX-License-Identifier: GPL-2.0-only
/*
 * saboteurs.c - runs one saboteur: the clean world trips nothing, the spoilt one trips its invariant and no other, and
 * when all is put right nothing more.
 *
 * The table is made of the rows of invariants.def: a row without a saboteur does not link.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/invariants/saboteur.h"

#define INVARIANT(id, when, statement, source) extern const struct saboteur saboteur_##id;
#include "harness/invariants.def"
#undef INVARIANT

const struct saboteur *const saboteurs[INVARIANTS] = {
#define INVARIANT(id, when, statement, source) [INV_##id] = &saboteur_##id,
#include "harness/invariants.def"
#undef INVARIANT
};

struct verdict {
	enum invariant_id id;
	enum invariant_id companion;
	bool noticed;
	bool other;
};

/* L3 is found by the host's lock ranks and is a finding of the class lockdep; all others are invariants. */
static bool judge(void *context, const struct finding *finding)
{
	struct verdict *verdict = context;
	enum finding_class class = verdict->id == INV_L3 ? FINDING_LOCKDEP : FINDING_INVARIANT;
	bool companion = verdict->companion != INVARIANTS && finding->class == FINDING_INVARIANT &&
			 strcmp(finding->id, invariant(verdict->companion)->id) == 0;

	if (finding->class == class && strcmp(finding->id, invariant(verdict->id)->id) == 0)
		verdict->noticed = true;
	else if (!companion)
		verdict->other = true;
	return true;
}

static int complain(const struct sabotage *sabotage, int err, const char *what)
{
	fprintf(stderr, "saboteur %s: %s (%s)\n", invariant(sabotage->id)->id, what, strerror(-err));
	return err;
}

static int check_verdict(const struct sabotage *sabotage)
{
	struct verdict verdict = { .id = sabotage->id, .companion = saboteurs[sabotage->id]->companion };

	finding_for_each(judge, &verdict);
	if (verdict.other)
		return complain(sabotage, -EIO, "something else was found too");
	return verdict.noticed ? 0 : complain(sabotage, -ENOENT, "nobody noticed");
}

/* Puts the core right again and sees that it is; only what an audit notices leaves a world that can go on. */
static int put_right(struct sabotage *sabotage)
{
	const struct saboteur *saboteur = saboteurs[sabotage->id];

	undo_all(sabotage);
	if (saboteur->restore)
		saboteur->restore(sabotage);
	if (invariants_audit(sabotage->world))
		return complain(sabotage, -EIO, "the audit still finds something when all is put right");
	return 0;
}

static int run(struct sabotage *sabotage)
{
	const struct saboteur *saboteur = saboteurs[sabotage->id];
	int err = saboteur->build(sabotage);

	if (err)
		return complain(sabotage, err, "cannot make the world to spoil");
	invariants_audit(sabotage->world);
	if (finding_any())
		return complain(sabotage, -EIO, "the clean world has a finding");
	err = saboteur->spoil(sabotage);
	if (err)
		return complain(sabotage, err, "cannot spoil it");
	if (saboteur->audit)
		invariants_audit(sabotage->world);
	err = check_verdict(sabotage);
	return err || !saboteur->audit ? err : put_right(sabotage);
}

/*
 * The world is given up, not destroyed, unless it is whole: a spoilt core cannot be taken apart in an orderly way.  It
 * stays reachable for leak checkers.
 */
static struct sabotage current;

int saboteur_run(const struct mmu_core_ops *core, const struct mmu_core_config *config, enum invariant_id id)
{
	const struct saboteur *saboteur = saboteurs[id];
	int err;

	current = (struct sabotage){ .core = core, .config = *config, .id = id };
	err = run(&current);
	if (!err && saboteur->audit)
		world_destroy(current.world);
	return err ? err : check_verdict(&current);
}
