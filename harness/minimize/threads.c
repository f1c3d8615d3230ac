// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads.c - fewer threads: without one, all in one, two in one.
 *
 * Of two threads in one, either the operations take turns, as they do where a program is run in a single thread
 * (run.h), or one thread's come behind the other's.
 */
#include "harness/minimize/minimize_parts.h"

enum join {
	JOIN_TURNS,
	JOIN_BEHIND,
};

struct stream {
	size_t next, end; /* in program.ops */
};

static unsigned int find_streams(const struct program *program, struct stream *stream)
{
	unsigned int used = 0;
	size_t at = 0;

	while (at < program->nr_ops && program->ops[at].thread == PROGRAM_SETUP)
		at++;
	for (unsigned int thread = 0; thread < PROGRAM_THREADS_MAX; thread++) {
		stream[thread].next = at;
		while (at < program->nr_ops && program->ops[at].thread == thread)
			at++;
		stream[thread].end = at;
		if (stream[thread].next < at)
			used |= 1u << thread;
	}
	return used;
}

static void take(struct program *to, const struct program *from, size_t at, unsigned int thread)
{
	struct op op = from->ops[at];

	op.thread = (uint8_t)thread;
	program_append(to, &op);
}

static void take_joined(struct program *to, const struct program *from, struct stream *stream, unsigned int threads,
			enum join join, unsigned int as)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned int thread = 0; thread < PROGRAM_THREADS_MAX; thread++) {
			while ((threads & 1u << thread) && stream[thread].next < stream[thread].end) {
				take(to, from, stream[thread].next++, as);
				more = true;
				if (join == JOIN_TURNS)
					break;
			}
		}
	}
}

/* The streams of @from, those of @threads as one in the place of the first of them, numbered without gaps. */
static void make_joined(struct program *to, const struct program *from, unsigned int threads, enum join join)
{
	struct stream stream[PROGRAM_THREADS_MAX];
	unsigned int used = find_streams(from, stream), as = 0;

	program_copy(to, from);
	program_remove(to, stream[0].next, to->nr_ops - stream[0].next);
	for (unsigned int thread = 0; thread < PROGRAM_THREADS_MAX; thread++) {
		bool joined = threads & 1u << thread;

		if (!(used & 1u << thread) || stream[thread].next == stream[thread].end)
			continue;
		take_joined(to, from, stream, joined ? threads : 1u << thread, join, as++);
	}
}

static bool try_joined(struct minimizer *minimizer, unsigned int threads, enum join join)
{
	struct program candidate;

	make_joined(&candidate, minimizer->best, threads, join);
	return minimize_try(minimizer, &candidate);
}

static bool try_without(struct minimizer *minimizer, unsigned int thread)
{
	struct stream stream[PROGRAM_THREADS_MAX];
	struct program candidate;

	find_streams(minimizer->best, stream);
	program_copy(&candidate, minimizer->best);
	program_remove(&candidate, stream[thread].next, stream[thread].end - stream[thread].next);
	return minimize_try(minimizer, &candidate);
}

static bool join_two(struct minimizer *minimizer)
{
	for (unsigned int first = 0; first < PROGRAM_THREADS_MAX; first++) {
		for (unsigned int second = first + 1; second < PROGRAM_THREADS_MAX; second++) {
			unsigned int both = 1u << first | 1u << second;

			if (try_joined(minimizer, both, JOIN_TURNS) || try_joined(minimizer, both, JOIN_BEHIND))
				return true;
		}
	}
	return false;
}

void minimize_threads(struct minimizer *minimizer)
{
	const unsigned int all = (1u << PROGRAM_THREADS_MAX) - 1;

	for (unsigned int thread = PROGRAM_THREADS_MAX; thread--;)
		try_without(minimizer, thread);
	try_joined(minimizer, all, JOIN_TURNS);
	try_joined(minimizer, all, JOIN_BEHIND);
	while (join_two(minimizer))
		;
	try_joined(minimizer, 0, JOIN_TURNS);
}
