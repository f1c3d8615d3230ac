/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_parts.h - what the files of a run share: the run, its streams, and one function for each operation of ops.def.
 *
 * Locking: run.lock protects what streams share, and nobody holds it while the core is called; run.vcpu_lock is held
 *          while its vCPU is in use.
 */
#ifndef HARNESS_RUN_RUN_PARTS_H
#define HARNESS_RUN_RUN_PARTS_H

#include "harness/run/run.h"

#include <limits.h>

#define RUN_SKIPPED INT_MIN

/* Bounds on what one operation may take in time and memory. */
#define RUN_ACCESSES_MAX 512
#define RUN_FAR_ACCESSES_MAX 24 /* that each need a table of their own, or several */
#define RUN_HOST_NPAGES_MAX ((uint64_t)1 << 18)
#define RUN_AGE_NPAGES_MAX 4096 /* tested page by page */
#define RUN_GIANT_NPAGES_MAX ((uint64_t)1 << 19) /* of areas that may be mapped by 1G: making such a page is slow */
#define RUN_SLOT_NPAGES_MAX ((uint64_t)1 << 27) /* all slots together */
#define RUN_PRIVATE_SLOT_NPAGES_MAX ((uint64_t)1 << 24) /* the same, where each frame's attributes are looked at */
#define RUN_ATTRIBUTE_NPAGES_MAX ((uint64_t)1 << 18) /* stored page by page */
#define RUN_GMEM_NPAGES_MAX ((uint64_t)1 << 16) /* all files together */
#define RUN_PREFAULT_NPAGES_MAX 4096
#define RUN_SHRINK_MAX 4096
#define RUN_FAULTS_MAX 64 /* of one access */
#define RUN_VCPUS_MAX 8
#define RUN_GMEMS_MAX MODEL_GMEM_MAX

enum stream_state {
	STREAM_RUNS,
	STREAM_WAITS, /* at a rendezvous */
	STREAM_OVER,
};

enum rendezvous {
	RENDEZVOUS_BARRIER,
	RENDEZVOUS_AUDIT,
	RENDEZVOUS_DIRTY_CHECK,
	RENDEZVOUS_KINDS,
};

struct run_stream {
	struct run *run;
	unsigned int thread; /* PROGRAM_SETUP: setup */
	size_t first, end, next; /* indices in program.ops */
	enum stream_state state;
	const char *reason; /* why the last operation was skipped */
	/* Windows that this stream has opened, oldest first. */
	unsigned int nr_windows;
	int window[MODEL_WINDOWS_MAX];
	struct host_thread *cpu;
	struct run_tally tally;
};

struct run {
	const struct program *program;
	struct world *world;
	struct mmu_core_config config;
	struct run_options options;
	bool threads;
	bool nx_changed, eager_split_changed; /* atomic: any stream may do it */
	uint64_t giant_npages;
	unsigned int ring_pushes; /* since the rings were collected, by what does not look whether there is room */
	struct host_lock lock;
	unsigned int nr_gmems;
	int gmem[RUN_GMEMS_MAX]; /* open, in the order in which they were made */
	struct host_lock vcpu_lock[WORLD_VCPUS_MAX];
	unsigned int nr_streams;
	struct run_stream setup, stream[PROGRAM_THREADS_MAX];
	uint32_t meetings; /* how many rendezvous there have been; the channel that streams wait on */
	bool wanted[RENDEZVOUS_KINDS];
};

static inline void run_lock(struct host_lock *lock)
{
	static const struct host_lock_class class = { .name = "run", .sleeps = true };

	host_lock_acquire(lock, HOST_LOCK_EXCLUSIVE, lock, &class);
}

static inline void run_unlock(struct host_lock *lock)
{
	host_lock_release(lock, HOST_LOCK_EXCLUSIVE, lock);
}

/* The result of an operation that is not done. */
static inline int skip(struct run_stream *stream, const char *reason)
{
	stream->reason = reason;
	return RUN_SKIPPED;
}

/* ---------------------------------------------------------------------------------------------- one an operation */

/* The arguments by their names. */
#define ARG(operand, name) uint64_t name;
#define OP(name, group, side, summary, kernel, ...) \
	struct args_##name {                        \
		__VA_ARGS__                         \
	};
#include "harness/ops.def"
#undef OP
#undef ARG

/* 0 or more, -errno, or RUN_SKIPPED. */
#define OP(name, group, side, summary, kernel, ...) \
	int run_##name(struct run_stream *stream, const struct args_##name *args);
#include "harness/ops.def"
#undef OP

/* ------------------------------------------------------------------------------------------------------- helpers */

/* What run_begin() is made of: the VM that a program's header is about, and a run in it. */
int run_world_create(const struct mmu_core_ops *core, const struct mmu_core_config *config,
		     const struct program *program, const struct run_options *options, bool threads,
		     struct world **world);
struct run *run_in(struct world *world, const struct program *program, const struct run_options *options);

/* The vCPU that an INDEX names, locked where streams are threads. */
struct world_vcpu *run_vcpu_get(struct run *run, uint64_t index);
void run_vcpu_put(struct run *run, struct world_vcpu *vcpu);

/* The descriptor that an INDEX of a guest_memfd names, or MMU_GMEM_NONE, MMU_GMEM_OTHER_FILE. */
int run_gmem_pick(struct run *run, uint64_t index);

/* Single-threaded, what waits for the end of an invalidation that is open would wait for ever. */
bool run_would_wait(const struct run_stream *stream);
void run_close_windows(struct run_stream *stream);

/* Threads come back when all have met; single-threaded, the stream's state says that it waits. */
void rendezvous(struct run_stream *stream, enum rendezvous kind);
/* Lets those go on who waited for a stream that has ended. */
void rendezvous_leave(struct run_stream *stream);
/* Ends a rendezvous; waits until there has been one more than @meeting. */
void rendezvous_over(struct run *run);
void rendezvous_await(struct run *run, uint32_t meeting);
/* What a rendezvous is for, with nothing else at work. */
void rendezvous_act(struct run *run, enum rendezvous kind);

void run_op(struct run_stream *stream, const struct op *op);
void trace_begin(const struct run_stream *stream, const struct op *op);
void trace_end(const struct run_stream *stream, const struct op *op, int result);

#endif
