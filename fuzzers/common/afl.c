// SPDX-License-Identifier: GPL-2.0-only
/*
 * afl.c - a target for AFL++: persistent mode, inputs through shared memory.
 *
 * afl-clang-fast of Debian 12 wraps clang 14, which is too old for the kernel's files.  So the objects are made by our
 * own compiler with -fsanitize-coverage and linked with AFL++'s runtime, and what afl-clang-fast defines on its command
 * line (afl-cc.c: __AFL_FUZZ_INIT, __AFL_INIT, __AFL_LOOP, __AFL_FUZZ_TESTCASE_BUF) is spelled out here.
 */
#include <unistd.h>

#include "fuzzers/common/process.h"

#define RUNS_OF_A_PROCESS 100000

/* afl-compiler-rt.o.c */
extern unsigned int *__afl_fuzz_len;
extern unsigned char *__afl_fuzz_ptr;
int __afl_persistent_loop(unsigned int runs);
void __afl_manual_init(void);
extern int __afl_sharedmem_fuzzing;
int __afl_sharedmem_fuzzing = 1;

/* afl-fuzz looks for these in the file to know what it can do. */
static const char *volatile persistent = "##SIG_AFL_PERSISTENT##";
static const char *volatile deferred = "##SIG_AFL_DEFER_FORKSRV##";

/* Without afl-fuzz (afl-showmap, a hand): the input comes through stdin. */
static size_t from_stdin(unsigned char *bytes, size_t room)
{
	size_t size = 0;
	ssize_t some;

	while (size < room && (some = read(STDIN_FILENO, bytes + size, room - size)) > 0)
		size += (size_t)some;
	return size;
}

int main(void)
{
	static unsigned char bytes[1 << 20];

	(void)persistent;
	(void)deferred;
	fuzz_start();
	__afl_manual_init(); /* forks: on fibres there is one thread, so that the copy is whole */
	while (__afl_persistent_loop(RUNS_OF_A_PROCESS))
		fuzz_one(__afl_fuzz_ptr ? __afl_fuzz_ptr : bytes,
			 __afl_fuzz_ptr ? *__afl_fuzz_len : from_stdin(bytes, sizeof(bytes)));
	return 0;
}
