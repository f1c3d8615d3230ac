// SPDX-License-Identifier: GPL-2.0-only
/*
 * trace.c - one line an operation: which stream, what it was, what came of it.
 */
#include <errno.h>
#include <string.h>

#include "harness/run/run_parts.h"

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

void trace_op(const struct run_stream *stream, const struct op *op, int result)
{
	FILE *trace = stream->run->options.trace;

	flockfile(trace);
	if (stream->thread == PROGRAM_SETUP)
		fputs("setup  ", trace);
	else
		fprintf(trace, "%-6u ", stream->thread);
	op_print(op, trace);
	fputs("  ->  ", trace);
	print_result(stream, result, trace);
	funlockfile(trace);
}
