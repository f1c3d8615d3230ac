// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - the life of one run: VM, setup, streams, end.
 */
#include "harness/run/run.h"

#include <errno.h>

#include "harness/finding/finding.h"
#include "harness/invariants/invariants.h"
#include "harness/run/run_parts.h"

static int do_op(struct run_stream *stream, const struct op *op)
{
	switch ((enum op_code)op->code) {
#define OP(name, group, side, summary, kernel, ...) \
	case OP_##name:                             \
		return run_##name(stream, (const struct args_##name *)op->argument);
#include "harness/ops.def"
#undef OP
	case OPS_COUNT:
		break;
	}
	HOST_ASSERT(!"an operation that is not in ops.def");
	return RUN_SKIPPED;
}

/* What a stream may do while an invalidation of its own is open, because none of it waits for invalidations to end. */
static bool waits_for_nothing(const struct run *run, enum op_code code)
{
	switch (code) {
	case OP_window_open:
	case OP_window_close:
	case OP_host_age:
	case OP_kick:
	case OP_resched:
	case OP_fail_alloc:
		return true;
	case OP_access: /* but not OP_edges, which asks for slots under the lock of their changes */
		return !run->world->vm_config
				.dirty_ring_bytes; /* a full ring is reset under the lock of slot changes */
	default:
		return false;
	}
}

void run_op(struct run_stream *stream, const struct op *op)
{
	struct run *run = stream->run;
	int result;

	/* Two threads that each wait for the other's invalidation to end would wait for ever. */
	if (run->threads && !waits_for_nothing(run, op->code))
		run_close_windows(stream);
	stream->reason = NULL;
	if (run->options.trace)
		trace_begin(stream, op);
	result = do_op(stream, op);
	if (result == RUN_SKIPPED)
		stream->tally.skipped[op->code]++;
	else if (result < 0)
		stream->tally.refused[op->code]++;
	else
		stream->tally.done[op->code]++;
	if (run->options.trace)
		trace_end(stream, op, result);
	if (run->options.op_is_over)
		run->options.op_is_over(run->options.op_context, run->world, op, result);
}

/* ------------------------------------------------------------------------------------------------------------ begin */

static void begin_streams(struct run *run)
{
	const struct program *program = run->program;
	size_t at = 0;

	run->setup = (struct run_stream){ .run = run, .thread = PROGRAM_SETUP };
	while (at < program->nr_ops && program->ops[at].thread == PROGRAM_SETUP)
		at++;
	run->setup.end = at;
	run->nr_streams = program_threads(program);
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		struct run_stream *stream = &run->stream[i];

		*stream = (struct run_stream){ .run = run, .thread = i, .first = at, .next = at };
		while (at < program->nr_ops && program->ops[at].thread == i)
			at++;
		stream->end = at;
		if (stream->first == stream->end)
			stream->state = STREAM_OVER;
	}
	HOST_ASSERT(at == program->nr_ops);
}

int run_world_create(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		     const struct program *program, const struct run_options *options, bool threads,
		     struct world **world)
{
	struct world_options world_options;
	struct mmu_vm_config vm_config;

	program_vm(program, &vm_config, &world_options);
	world_options.alone = !threads;
	world_options.digest_every = options->digest_every;
	world_options.limits = (struct world_limits){
		.slot_npages = vm_config.type == MMU_VM_SW_PROTECTED ? RUN_PRIVATE_SLOT_NPAGES_MAX
								     : RUN_SLOT_NPAGES_MAX,
		.attribute_npages = RUN_ATTRIBUTE_NPAGES_MAX,
		.gmem_npages = RUN_GMEM_NPAGES_MAX,
	};
	return world_create(core, config, &vm_config, &world_options, world);
}

struct run *run_in(struct world *world, const struct program *program, const struct run_options *options)
{
	struct run *run = host_memory_alloc(sizeof(*run));

	run->program = program;
	run->world = world;
	run->config = world->core_config;
	run->options = *options;
	run->threads = !world->alone;
	begin_streams(run);
	while (run->setup.next < run->setup.end)
		run_op(&run->setup, &program->ops[run->setup.next++]);
	return run;
}

int run_begin(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
	      const struct run_options *options, bool threads, struct run **out)
{
	struct world *world;
	int error = run_world_create(core, config, program, options, threads, &world);

	if (!error)
		*out = run_in(world, program, options);
	return error;
}

struct world *run_world(struct run *run)
{
	return run->world;
}

/* ------------------------------------------------------------------------------------------------------------ steps */

bool run_step(struct run *run, unsigned int thread)
{
	struct run_stream *stream = &run->stream[thread];

	if (thread >= run->nr_streams || stream->next >= stream->end)
		return false;
	run_op(stream, &run->program->ops[stream->next++]);
	return stream->next < stream->end;
}

void run_rewind(struct run *run, unsigned int thread)
{
	run->stream[thread].next = run->stream[thread].first;
}

void run_keep_vm(struct run *run, bool keeps_vm)
{
	run->options.keeps_vm = keeps_vm;
}

static bool may_step(const struct run_stream *stream)
{
	return stream->state == STREAM_RUNS;
}

void run_in_turn(struct run *run)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned int i = 0; i < run->nr_streams; i++) {
			struct run_stream *stream = &run->stream[i];

			if (!may_step(stream))
				continue;
			more = true;
			if (run_step(run, i) || stream->state == STREAM_WAITS)
				continue;
			stream->state = STREAM_OVER;
			rendezvous_leave(stream);
		}
	}
}

/* -------------------------------------------------------------------------------------------------------------- end */

void run_settle(struct run *run)
{
	host_inject_nothing();
	run_close_windows(&run->setup);
	for (unsigned int i = 0; i < run->nr_streams; i++)
		run_close_windows(&run->stream[i]);
}

/* Knobs of the whole module are as the machine was configured when the next program begins. */
static void restore_knobs(struct run *run)
{
	if (run->nx_changed)
		world_nx_set(run->world, run->config.nx_huge_pages ? MMU_NX_FORCE : MMU_NX_OFF);
	if (run->eager_split_changed)
		world_eager_split(run->world, run->config.eager_split);
}

static void add_tally(struct run_tally *sum, const struct run_tally *part)
{
	for (unsigned int i = 0; i < OPS_COUNT; i++) {
		sum->done[i] += part->done[i];
		sum->refused[i] += part->refused[i];
		sum->skipped[i] += part->skipped[i];
	}
}

void run_end(struct run *run, struct run_tally *tally)
{
	run_settle(run);
	restore_knobs(run);
	rendezvous_act(run, RENDEZVOUS_DIRTY_CHECK);
	rendezvous_act(run, RENDEZVOUS_AUDIT);
	if (tally) {
		add_tally(tally, &run->setup.tally);
		for (unsigned int i = 0; i < run->nr_streams; i++)
			add_tally(tally, &run->stream[i].tally);
	}
	if (run->options.digest)
		digest_take(run->world->core, run->world->vm, 0, DIGEST_GFNS_MAX, run->options.digest);
	/* After a finding the core's state is not to be trusted: what was found is not followed by what came of it. */
	if (!finding_any() && !run->options.keeps_vm)
		world_destroy(run->world);
	host_memory_free(run);
}

int run_program(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
		const struct run_options *options, struct run_tally *tally)
{
	struct run *run;
	int error = run_begin(core, config, program, options, false, &run);

	if (error)
		return error;
	run_in_turn(run);
	run_end(run, tally);
	return 0;
}

/* ---------------------------------------------------------------------------------------------------------- helpers */

struct world_vcpu *run_vcpu_get(struct run *run, uint64_t index)
{
	unsigned int count = __atomic_load_n(&run->world->vcpus, __ATOMIC_ACQUIRE);
	struct world_vcpu *vcpu = run->world->vcpu[index % count];

	run_lock(&run->vcpu_lock[vcpu->index]);
	return vcpu;
}

void run_vcpu_put(struct run *run, struct world_vcpu *vcpu)
{
	run_unlock(&run->vcpu_lock[vcpu->index]);
}

bool run_would_wait(const struct run_stream *stream)
{
	return !stream->run->threads && model_windows_open(&stream->run->world->model);
}

void run_close_windows(struct run_stream *stream)
{
	for (unsigned int i = 0; i < stream->nr_windows; i++)
		world_host_window_close(stream->run->world, stream->window[i]);
	stream->nr_windows = 0;
}
