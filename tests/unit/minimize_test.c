// SPDX-License-Identifier: GPL-2.0-only
/*
 * minimize_test.c - minimizing with answers that need no core: what is left is known, no step leads further, the same
 * questions come again, and whoever is killed in the middle goes on.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "harness/minimize/minimize.h"

/* --------------------------------------------------------------------------------------------------------- answers */

struct asked {
	bool (*shows)(const struct program *program);
	uint64_t times;
	uint64_t killed_at; /* in the middle of this question; 0: never */
	uint64_t stopped_at;
	const char *output;
};

static bool ask(void *context, struct program *candidate)
{
	struct asked *asked = context;

	if (++asked->times == asked->killed_at)
		kill(getpid(), SIGKILL);
	return asked->shows(candidate);
}

static bool keep(void *context, const struct program *best)
{
	const struct asked *asked = context;

	CHECK(asked->shows(best));
	return !asked->output || program_save(asked->output, best, true, stderr);
}

static bool stop(void *context)
{
	const struct asked *asked = context;

	return asked->stopped_at && asked->times >= asked->stopped_at;
}

static bool minimize_asking(struct asked *asked, struct program *program)
{
	const struct minimize_hooks hooks = { .shows = ask, .better = keep, .stop = stop, .context = asked };
	struct minimize_tally tally = { 0 };
	bool complete = minimize(&hooks, program, &tally);

	CHECK(tally.trials == asked->times);
	return complete;
}

/* Behind @at, the slot is deleted under the same id, and then the second page of where it was is written. */
static bool is_written_after(const struct program *program, size_t at)
{
	const struct op *slot = &program->ops[at];
	bool deleted = false;

	for (size_t i = at + 1; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];

		deleted |= op->code == OP_slot_delete && op->argument[1] == slot->argument[1];
		if (deleted && op->code == OP_access && op->argument[1] & MMU_WRITE &&
		    op->argument[2] - slot->argument[3] == 0x1000)
			return true;
	}
	return false;
}

static bool shows_slot(const struct program *program)
{
	if (program->field[PROGRAM_VM_dirty] != 2)
		return false;
	for (size_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];

		if (op->code == OP_slot_set && op->argument[2] & MMU_SLOT_GMEM && op->argument[4] >= 0x3000 &&
		    is_written_after(program, i))
			return true;
	}
	return false;
}

/* A kick, and as many windows closed as opened: what is round the kick can go together only. */
static bool shows_kick(const struct program *program)
{
	unsigned int opened = 0, closed = 0, kicks = 0;

	for (size_t i = 0; i < program->nr_ops; i++) {
		opened += program->ops[i].code == OP_window_open;
		closed += program->ops[i].code == OP_window_close;
		kicks += program->ops[i].code == OP_kick;
	}
	return kicks && opened == closed;
}

/* Two threads that do different things. */
static bool shows_two_threads(const struct program *program)
{
	unsigned int kicks = 0, ages = 0;

	for (size_t i = 0; i < program->nr_ops; i++) {
		kicks |= program->ops[i].code == OP_kick ? 1u << (program->ops[i].thread & 7) : 0;
		ages |= program->ops[i].code == OP_host_age ? 1u << (program->ops[i].thread & 7) : 0;
	}
	return kicks && ages && kicks != ages;
}

static bool shows_always(const struct program *program)
{
	return true;
}

/* -------------------------------------------------------------------------------------------------------- programs */

static void append(struct program *program, const char *text)
{
	struct program_error error;
	struct program piece;

	if (!program_parse(text, strlen(text), &piece, &error)) {
		fprintf(stderr, "%u:%u: %s\n", error.line, error.column, error.text);
		exit(1);
	}
	for (size_t i = 0; i < piece.nr_ops; i++)
		CHECK(program_append(program, &piece.ops[i]));
	program_free(&piece);
}

/* Random operations, among them the ones that matter. */
static void make(struct program *program, uint64_t seed)
{
	program_generate(program, seed, 3, 200);
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		program->field[i] = 0;
	program->field[PROGRAM_VM_dirty] = 2;
	append(program,
	       "mmut 1\n"
	       "setup\n"
	       "  slot_set as=1 id=7 flags=log_dirty+gmem gpa=0x5280000 bytes=0x600000 hva=a3+0x7000 gmem=1 offset=0\n"
	       "thread 1\n"
	       "  slot_delete as=1 id=7\n"
	       "  window_open hva=a1+0 pages=7\n"
	       "  kick vcpu=0\n"
	       "thread 2\n"
	       "  window_close window=0\n"
	       "  host_age hva=a1+0 pages=1 how=test\n"
	       "  barrier\n"
	       "  barrier\n"
	       "  access vcpu=2 how=r+w gpa=0x5281000 count=8 stride=0x1000\n");
}

static void check_text(const struct program *program, const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CHECK(stream && program_print(program, stream) >= 0 && !fclose(stream));
	if (strcmp(text, wanted))
		fprintf(stderr, "%s", text);
	CHECK(!strcmp(text, wanted));
	free(text);
}

/* ----------------------------------------------------------------------------------------------------------- tests */

static const char smallest_slot[] = "mmut 1\n"
				    "vm dirty=initset\n"
				    "\n"
				    "thread 0\n"
				    "  slot_set as=0 id=0 flags=gmem gpa=0 bytes=0x3000 hva=a0+0 gmem=0 offset=0\n"
				    "  slot_delete as=0 id=0\n"
				    "  access vcpu=0 how=w gpa=0x1000 count=0 stride=0\n";

/* In which stream the slot is set depends on where one was found that does. */
static void forget_streams(struct program *program)
{
	for (size_t i = 0; i < program->nr_ops; i++)
		program->ops[i].thread = 0;
}

static void finds_the_smallest(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct asked asked = { .shows = shows_slot };
		struct program program;

		make(&program, seed);
		CHECK(shows_slot(&program));
		CHECK(minimize_asking(&asked, &program));
		CHECK(asked.times < 1000);
		CHECK(program_threads(&program) <= 1);
		forget_streams(&program);
		check_text(&program, smallest_slot);
		program_free(&program);
	}
}

static void same_questions_again(void)
{
	struct asked first = { .shows = shows_slot }, second = { .shows = shows_slot };
	struct program a, b;

	make(&a, 5);
	make(&b, 5);
	CHECK(minimize_asking(&first, &a) && minimize_asking(&second, &b));
	CHECK(first.times == second.times && program_equal(&a, &b));
	program_free(&a);
	program_free(&b);
}

static void pairs_go_together(void)
{
	struct asked asked = { .shows = shows_kick };
	struct program program;

	program_init(&program);
	append(&program, "mmut 1\nthread 0\n  window_open hva=a1+0 pages=7\n  kick vcpu=0\n  window_close window=0\n");
	CHECK(minimize_asking(&asked, &program));
	check_text(&program, "mmut 1\n\nthread 0\n  kick vcpu=0\n");
	program_free(&program);
}

static void keeps_threads_that_are_needed(void)
{
	struct asked asked = { .shows = shows_two_threads };
	struct program program;

	make(&program, 3);
	CHECK(shows_two_threads(&program));
	CHECK(minimize_asking(&asked, &program));
	CHECK(program.nr_ops == 2 && program_threads(&program) <= 2 && shows_two_threads(&program));
	program_free(&program);
}

static void nothing_is_smaller_than_presets(void)
{
	struct asked asked = { .shows = shows_always };
	struct program program;

	make(&program, 1);
	CHECK(minimize_asking(&asked, &program));
	check_text(&program, "mmut 1\n");
	program_free(&program);
}

static void stops_when_told(void)
{
	struct asked asked = { .shows = shows_slot, .stopped_at = 20 };
	struct program program;

	make(&program, 2);
	CHECK(!minimize_asking(&asked, &program));
	CHECK(asked.times == 20 && shows_slot(&program));
	program_free(&program);
}

/* Killed at question 1, 2, 4 ..., each time going on from the file; and then to the end. */
static void goes_on_after_being_killed(void)
{
	char path[] = "/tmp/minimize_test.XXXXXX";
	struct program program, original;
	int file = mkstemp(path), status;

	CHECK(file >= 0 && !close(file));
	make(&original, 4);
	CHECK(program_save(path, &original, true, stderr));
	for (uint64_t at = 1; at <= 256; at *= 2) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (!child) {
			struct asked asked = { .shows = shows_slot, .killed_at = at, .output = path };

			CHECK(program_load(path, &program, stderr));
			minimize_asking(&asked, &program);
			_exit(0);
		}
		CHECK(waitpid(child, &status, 0) == child);
		CHECK(WIFSIGNALED(status) || (WIFEXITED(status) && !WEXITSTATUS(status)));
		CHECK(at > 32 || WIFSIGNALED(status));
		CHECK(program_load(path, &program, stderr));
		CHECK(shows_slot(&program) && minimize_may_come_from(&program, &original));
		program_free(&program);
	}
	CHECK(program_load(path, &program, stderr));
	CHECK(minimize_asking(&(struct asked){ .shows = shows_slot }, &program));
	forget_streams(&program);
	check_text(&program, smallest_slot);
	program_free(&program);
	program_free(&original);
	unlink(path);
}

static void knows_strangers(void)
{
	struct program a, b;

	make(&a, 1);
	program_copy(&b, &a);
	program_remove(&b, 3, 50);
	CHECK(minimize_may_come_from(&b, &a) && !minimize_may_come_from(&a, &b));
	b.field[PROGRAM_MACHINE_levels] = 1;
	CHECK(!minimize_may_come_from(&b, &a));
	program_free(&a);
	program_free(&b);
}

int main(void)
{
	RUN(finds_the_smallest);
	RUN(same_questions_again);
	RUN(pairs_go_together);
	RUN(keeps_threads_that_are_needed);
	RUN(nothing_is_smaller_than_presets);
	RUN(stops_when_told);
	RUN(goes_on_after_being_killed);
	RUN(knows_strangers);
	return 0;
}
