// SPDX-License-Identifier: GPL-2.0-only
/* fresh.c - see fresh.h. */
#include "harness/run/fresh.h"

#include <stdlib.h>
#include <string.h>

#include "harness/run/run_parts.h"
#include "mmu_core/schedule.h"

#define KINDS 320 /* all that a header can ask for, by its fields for a VM, attributes near and far, in turn or not */
#define WHOLE_ONE_IN 16

/* What VMs differ in. */
struct kind {
	uint8_t field[PROGRAM_FIELDS_COUNT];
	uint64_t gfns;
	unsigned int digest_every;
	bool threads;
};

struct prepared {
	struct kind kind;
	struct host_snapshot *snapshot; /* NULL: free */
	struct world *world; /* in there */
	uint64_t used; /* when it last was */
};

struct fresh {
	const struct mmu_core_ops *core;
	const struct mmu_core_config *config;
	const struct host_config *host;
	struct host_snapshot *empty; /* without a VM */
	struct prepared prepared[KINDS];
	uint64_t runs;
};

struct fresh *fresh_create(const struct mmu_core_ops *core, const struct mmu_core_config *config,
			   const struct host_config *host)
{
	struct fresh *fresh = calloc(1, sizeof(*fresh));

	HOST_ASSERT(fresh);
	*fresh = (struct fresh){ .core = core, .config = config, .host = host, .empty = host_snapshot_take() };
	return fresh;
}

void fresh_destroy(struct fresh *fresh)
{
	for (unsigned int i = 0; i < KINDS; i++) {
		if (fresh->prepared[i].snapshot)
			host_snapshot_free(fresh->prepared[i].snapshot);
	}
	if (fresh->empty)
		host_snapshot_free(fresh->empty);
	free(fresh);
}

static void begin_empty(const struct fresh *fresh)
{
	if (fresh->empty)
		host_snapshot_restore(fresh->empty);
	host_configure(fresh->host);
	host_schedule_begin(NULL);
}

static struct kind kind_of(const struct program *program, const struct run_options *options, bool threads)
{
	struct world_options world_options;
	struct mmu_vm_config vm_config;
	struct kind kind;

	memset(&kind, 0, sizeof(kind)); /* what lies between its fields, too: kinds are compared as bytes */
	program_vm(program, &vm_config, &world_options);
	memcpy(kind.field, program->field, sizeof(kind.field));
	kind.gfns = world_options.gfns;
	kind.digest_every = options->digest_every;
	kind.threads = threads;
	return kind;
}

/* The one of that kind, or else the place of the one that has not been used for the longest time. */
static struct prepared *find(struct fresh *fresh, const struct kind *kind)
{
	struct prepared *oldest = &fresh->prepared[0];

	for (unsigned int i = 0; i < KINDS; i++) {
		struct prepared *prepared = &fresh->prepared[i];

		if (prepared->snapshot && !memcmp(&prepared->kind, kind, sizeof(*kind)))
			return prepared;
		if (prepared->used < oldest->used)
			oldest = prepared;
	}
	if (oldest->snapshot)
		host_snapshot_free(oldest->snapshot);
	*oldest = (struct prepared){ .kind = *kind };
	return oldest;
}

static int make(struct fresh *fresh, const struct program *program, const struct run_options *options, bool threads,
		struct prepared *prepared)
{
	int error;

	begin_empty(fresh);
	error = run_world_create(fresh->core, fresh->config, program, options, threads, &prepared->world);
	if (!error)
		prepared->snapshot = host_snapshot_take();
	return error;
}

static int bring_back(struct fresh *fresh, const struct program *program, const struct run_options *options,
		      bool threads, struct world **world)
{
	const struct kind kind = kind_of(program, options, threads);
	struct prepared *prepared = find(fresh, &kind);
	int error = prepared->snapshot ? 0 : make(fresh, program, options, threads, prepared);

	if (error)
		return error;
	prepared->used = ++fresh->runs;
	host_snapshot_restore(prepared->snapshot);
	*world = prepared->world;
	return 0;
}

/* The next header, as if the fields for a VM were the digits of a number; false: it was the last one. */
static bool next_header(struct program *program)
{
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (program_field_rows[i].machine)
			continue;
		if (++program->field[i] < choices_count(program_field_rows[i].choices))
			return true;
		program->field[i] = 0;
	}
	return false;
}

void fresh_prepare(struct fresh *fresh, const struct program *program, const struct run_options *options, bool threads)
{
	struct program each = *program;
	struct world *world;

	if (!fresh->empty)
		return;
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		if (!program_field_rows[i].machine)
			each.field[i] = 0;
	}
	do
		bring_back(fresh, &each, options, threads, &world);
	while (next_header(&each));
}

static bool is_whole(const struct program *program)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < program->nr_ops; i++)
		hash = (hash ^ program->ops[i].code ^ program->ops[i].argument[0] << 8) * 0x100000001b3ULL;
	return hash >> 32 & (WHOLE_ONE_IN - 1) ? false : true;
}

int fresh_begin(struct fresh *fresh, const struct program *program, const struct run_options *options,
		enum fresh_life life, bool threads, struct run **run)
{
	struct run_options kept = *options;
	struct world *world;
	int error;

	if (!fresh->empty || life == FRESH_WHOLE || (life == FRESH_AS_PROGRAM && is_whole(program))) {
		begin_empty(fresh);
		return run_begin(fresh->core, fresh->config, program, options, threads, run);
	}
	error = bring_back(fresh, program, options, threads, &world);
	if (error)
		return error;
	kept.keeps_vm = true;
	*run = run_in(world, program, &kept);
	return 0;
}

int fresh_run(struct fresh *fresh, const struct program *program, const struct run_options *options,
	      enum fresh_life life, struct run_tally *tally)
{
	struct run *run;
	int error = fresh_begin(fresh, program, options, life, false, &run);

	if (error)
		return error;
	run_in_turn(run);
	run_end(run, tally);
	return 0;
}
