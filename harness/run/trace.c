// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - one line an operation: which stream, what it is, what came of it; and a line that sums up.
 *
 * In one thread the operation is on paper before it is done, since it may never come back; of threads each line is
 * written at once when it is over.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "harness/run/run_parts.h"

static void print_op(const struct run_stream *stream, const struct op *op, FILE *trace)
{
	if (stream->thread == PROGRAM_SETUP)
		fputs("setup  ", trace);
	else
		fprintf(trace, "%-6u ", stream->thread);
	op_print(op, trace);
	fputs("  ->  ", trace);
}

static void print_result(const struct run_stream *stream, int result, FILE *trace)
{
	const char *name = result < 0 && result != RUN_SKIPPED ? strerrorname_np(-result) : NULL;

	if (result == RUN_SKIPPED)
		fprintf(trace, "skipped: %s\n", stream->reason);
	else if (name)
		fprintf(trace, "-%s\n", name);
	else
		fprintf(trace, "%d\n", result);
}

void trace_begin(const struct run_stream *stream, const struct op *op)
{
	FILE *trace = stream->run->options.trace;

	if (stream->run->threads)
		return;
	print_op(stream, op, trace);
	fflush(trace);
}

void trace_end(const struct run_stream *stream, const struct op *op, int result)
{
	FILE *trace = stream->run->options.trace;

	flockfile(trace);
	if (stream->run->threads)
		print_op(stream, op, trace);
	print_result(stream, result, trace);
	funlockfile(trace);
}

static uint64_t sum(const uint64_t counts[OPS_COUNT])
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < OPS_COUNT; i++)
		all += counts[i];
	return all;
}

void run_tally_print(const struct run_tally *tally)
{
	printf("%" PRIu64 " operations done, %" PRIu64 " refused, %" PRIu64 " skipped\n", sum(tally->done),
	       sum(tally->refused), sum(tally->skipped));
}
