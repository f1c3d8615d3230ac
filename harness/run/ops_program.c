// SPDX-License-Identifier: GPL-2.0-only
/* ops_program.c - operations that are about the program itself. */
#include "harness/run/run_parts.h"

int run_barrier(struct run_stream *stream, const struct args_barrier *args)
{
	(void)args;
	rendezvous(stream, RENDEZVOUS_BARRIER);
	return 0;
}

int run_audit(struct run_stream *stream, const struct args_audit *args)
{
	(void)args;
	rendezvous(stream, RENDEZVOUS_AUDIT);
	return 0;
}
