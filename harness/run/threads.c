// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads.c - a program natively: each stream on a CPU of its own.
 *
 * None begins before all are there: what the first does would be over before the second one is.
 */
#include "harness/run/run_parts.h"

const char *run_stream_name(unsigned int stream)
{
	static const char *const names[PROGRAM_THREADS_MAX] = {
		"stream 0", "stream 1", "stream 2", "stream 3", "stream 4", "stream 5", "stream 6", "stream 7",
	};

	return names[stream];
}

static void stream_main(void *argument)
{
	struct run_stream *stream = argument;

	rendezvous_await(stream->run, 0);
	while (run_step(stream->run, stream->thread))
		;
	run_close_windows(stream);
	host_inject_nothing();
	rendezvous_leave(stream);
}

void run_streams_make(struct run *run)
{
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		struct run_stream *stream = &run->stream[i];

		if (stream->state == STREAM_RUNS)
			HOST_ASSERT(!host_cpu_spawn(run_stream_name(i), stream_main, stream, &stream->cpu));
	}
}

void run_streams(struct run *run)
{
	rendezvous_over(run);
	for (unsigned int i = 0; i < run->nr_streams; i++) {
		if (run->stream[i].cpu)
			host_thread_join(run->stream[i].cpu);
	}
}

int run_threads(const struct mmu_core_ops *core, const struct mmu_core_config *config, const struct program *program,
		const struct run_options *options, struct run_tally *tally)
{
	struct run *run;
	int error = run_begin(core, config, program, options, true, &run);

	if (error)
		return error;
	run_streams_make(run);
	run_streams(run);
	run_end(run, tally);
	return 0;
}
