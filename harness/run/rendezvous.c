// SPDX-License-Identifier: GPL-2.0-only
/*
 * rendezvous.c - where all streams of a program meet: barriers, and what wants a world at rest.
 *
 * The last to arrive does what was asked for, by whomever, and lets the others go on.  A stream that has come to its
 * end is not waited for.
 * Locking: run.lock; a waiting thread sleeps on run.meetings.
 */
#include "harness/invariants/invariants.h"
#include "harness/run/run_parts.h"

void rendezvous_act(struct run *run, enum rendezvous kind)
{
	switch (kind) {
	case RENDEZVOUS_AUDIT:
		invariants_audit(run->world);
		break;
	case RENDEZVOUS_DIRTY_CHECK:
		world_dirty_harvest_all(run->world);
		run->ring_pushes = 0;
		world_check_dirty(run->world);
		break;
	case RENDEZVOUS_BARRIER:
	case RENDEZVOUS_KINDS:
		break;
	}
}

void rendezvous_over(struct run *run)
{
	__atomic_store_n(&run->meetings, run->meetings + 1, __ATOMIC_RELEASE);
	host_event_wake(&run->meetings);
}

static bool all_are_there(const struct run *run)
{
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		if (run->stream[i].state == STREAM_RUNS)
			return false;
	}
	return true;
}

static void meet(struct run *run)
{
	for (unsigned int kind = 0; kind < RENDEZVOUS_KINDS; kind++) {
		if (run->wanted[kind])
			rendezvous_act(run, kind);
		run->wanted[kind] = false;
	}
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		if (run->stream[i].state == STREAM_WAITS)
			run->stream[i].state = run->stream[i].next < run->stream[i].end ? STREAM_RUNS : STREAM_OVER;
	}
	rendezvous_over(run);
}

/* True: all others were there already. */
static bool arrive(struct run_stream *stream, enum rendezvous kind, uint32_t *meeting)
{
	struct run *run = stream->run;
	bool last;

	run_lock(&run->lock);
	*meeting = run->meetings;
	run->wanted[kind] = true;
	stream->state = STREAM_WAITS;
	last = all_are_there(run);
	if (last)
		meet(run);
	run_unlock(&run->lock);
	return last;
}

void rendezvous_await(struct run *run, uint32_t meeting)
{
	for (;;) {
		uint32_t key = host_event_key(&run->meetings);

		if (__atomic_load_n(&run->meetings, __ATOMIC_ACQUIRE) != meeting)
			return;
		host_event_wait(&run->meetings, key, 0);
	}
}

void rendezvous(struct run_stream *stream, enum rendezvous kind)
{
	struct run *run = stream->run;
	uint32_t meeting;

	if (run->options.rewinds)
		return;
	if (stream->thread == PROGRAM_SETUP) {
		rendezvous_act(run, kind);
		return;
	}
	/* One thread: whatever is asked for, nothing else is at work now. */
	if (!run->threads && kind != RENDEZVOUS_BARRIER) {
		rendezvous_act(run, kind);
		return;
	}
	if (!arrive(stream, kind, &meeting) && run->threads)
		rendezvous_await(run, meeting);
}

void rendezvous_leave(struct run_stream *stream)
{
	struct run *run = stream->run;

	run_lock(&run->lock);
	stream->state = STREAM_OVER;
	if (all_are_there(run))
		meet(run);
	run_unlock(&run->lock);
}
