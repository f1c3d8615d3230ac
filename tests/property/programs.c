// SPDX-License-Identifier: GPL-2.0-only
/*
 * programs.c - property: the laws of programs, on random input.
 *
 *   1. decode is total: any bytes are a program, whose parts lie in their domains
 *   2. decode(encode(p)) equals p, so that encode(decode(b)) is the one spelling of what b means
 *   3. parse(print(p)) equals p, and prints as the same text
 *   4. a text that was tampered with obeys 3, or has an error at a place that it has
 *   5. mutation is closed: the result obeys 1 and 2 and is no longer than allowed; the same seed makes the same
 *   6. crossing likewise
 *   7. generation likewise
 *
 * programs [INPUTS [SEED]].  Input i is made from SEED + i alone.  Exit code 1 says which law broke, and on what.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/program/draw.h"
#include "harness/program/parts.h"

#define OPS_FEW 6
#define SCHEDULE_FEW 24
#define BYTES_FEW (PROGRAM_HEADER_BYTES + OPS_FEW * OP_RECORD_BYTES + SCHEDULE_FEW)
#define OPS_MOST 12
#define ENCODED_MOST 16384
#define TEXT_MOST 16384

static uint64_t input;

static void broken(const char *law, int line)
{
	fprintf(stderr, "programs.c:%d: not so: %s\nrepeat it alone: programs 1 %" PRIu64 "\n", line, law, input);
	exit(1);
}

#define LAW(condition) ((condition) ? (void)0 : broken(#condition, __LINE__))

/* --------------------------------------------------------------------------------------------------------- the laws */

/* Not by operand_reduce(), which is what is looked at. */
static bool in_domain(enum operand operand, uint64_t value)
{
	const struct operand_row *row = &operand_rows[operand];

	if (row->form == OPERAND_FORM_CHOICE)
		return value < choices_count(row->choices);
	if (row->form == OPERAND_FORM_SET)
		return !(value >> choices_count(row->choices));
	return row->width == 8 || !(value >> 8 * row->width);
}

static void in_its_domains(const struct program *program)
{
	unsigned int stream = 0;

	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++)
		LAW(program->field[i] < field_choices(i));
	LAW(program->nr_ops <= PROGRAM_OPS_MAX && program->schedule_bytes <= PROGRAM_SCHEDULE_MAX);
	LAW(!program->schedule == !program->schedule_bytes);
	for (size_t i = 0; i < program->nr_ops; i++) {
		const struct op *op = &program->ops[i];
		const struct op_row *row = &op_rows[op->code];

		LAW(op->code < OPS_COUNT && op_stream(op) < STREAMS && op_stream(op) >= stream);
		stream = op_stream(op);
		for (unsigned int a = 0; a < OP_ARGUMENTS_MAX; a++)
			LAW(a < row->nr_arguments ? in_domain(row->argument[a].operand, op->argument[a])
						  : !op->argument[a]);
	}
}

/* Laws 1 and 2, for whatever made @program. */
static void is_canonical(const struct program *program)
{
	static uint8_t bytes[ENCODED_MOST], again[ENCODED_MOST];
	size_t size = program_encoded_size(program);
	struct program decoded;

	in_its_domains(program);
	LAW(!program_encode(program, bytes, size - 1));
	LAW(program_encode(program, bytes, sizeof(bytes)) == size);
	program_decode(bytes, size, &decoded);
	LAW(program_equal(program, &decoded));
	LAW(program_encode(&decoded, again, sizeof(again)) == size);
	LAW(!memcmp(bytes, again, size));
	program_free(&decoded);
}

/* One stream for all: opening one costs more than what is printed into it. */
static size_t print(const struct program *program, char *text)
{
	static FILE *stream;
	static char *memory;
	static size_t size;
	int written;

	if (!stream)
		stream = open_memstream(&memory, &size);
	rewind(stream);
	written = program_print(program, stream);
	LAW(written > 0 && written < TEXT_MOST && !fflush(stream) && size == (size_t)written);
	memcpy(text, memory, size);
	return size;
}

static void print_is_parsed(const struct program *program, char *text, size_t *size)
{
	static char again[TEXT_MOST];
	struct program_error error;
	struct program parsed;

	*size = print(program, text);
	LAW(program_parse(text, *size, &parsed, &error));
	LAW(program_equal(program, &parsed));
	LAW(print(&parsed, again) == *size && !memcmp(text, again, *size));
	program_free(&parsed);
}

/* ------------------------------------------------------------------------------------------------------- the inputs */

/* Not longer than OPS_FEW records and a schedule; its length is mostly one that leaves the records alone. */
static size_t random_bytes(struct draw *draw, uint8_t *bytes)
{
	size_t size = draw_one_in(draw, 2) ? BYTES_FEW : draw_below(draw, BYTES_FEW + 1);

	for (size_t i = 0; i < BYTES_FEW; i += sizeof(uint64_t)) {
		uint64_t word = draw_bits(draw);

		memcpy(&bytes[i], &word, smaller(sizeof(word), BYTES_FEW - i));
	}
	if (!draw_one_in(draw, 8)) {
		memset(&bytes[1 + PROGRAM_FIELDS_COUNT], 0, 4);
		bytes[1 + PROGRAM_FIELDS_COUNT] = (uint8_t)draw_below(draw, SCHEDULE_FEW + 1);
	}
	return size;
}

static void random_program(struct draw *draw, struct program *program)
{
	uint8_t bytes[BYTES_FEW];
	size_t size = random_bytes(draw, bytes);

	program_decode(bytes, size, program);
}

static void bytes_are_a_program(struct draw *draw)
{
	struct program program;

	random_program(draw, &program);
	is_canonical(&program);
	program_free(&program);
}

static void text_is_a_program(struct draw *draw)
{
	static char text[TEXT_MOST];
	struct program program;
	size_t size;

	/* Random bytes are hardly ever an address that the text has a form of its own for. */
	if (draw_one_in(draw, 4))
		program_generate(&program, input, 1, OPS_FEW);
	else
		random_program(draw, &program);
	print_is_parsed(&program, text, &size);
	program_free(&program);
}

static void tamper(struct draw *draw, char *text, size_t *size)
{
	static const char bytes[] = "\n\n  ==+#\"0123abcx_\r\t";
	size_t at = draw_below(draw, *size), length = smaller(draw_few(draw, 8), *size - at);

	switch (draw_below(draw, 4)) {
	case 0:
		text[at] = bytes[draw_below(draw, sizeof(bytes))];
		break;
	case 1:
		text[at] = (char)draw_bits(draw);
		break;
	case 2:
		memmove(&text[at], &text[at + length], *size - at - length);
		*size -= length;
		break;
	default:
		memmove(&text[at + length], &text[at], *size - at);
		*size += length;
	}
}

static void tampered_text_is_a_program_or_an_error(struct draw *draw)
{
	static char text[TEXT_MOST + 64], printed[TEXT_MOST];
	struct program_error error = { 0 };
	struct program program;
	unsigned int lines = 1;
	size_t size, reprinted;

	random_program(draw, &program);
	size = print(&program, text);
	program_free(&program);
	for (uint64_t times = draw_few(draw, 4); times && size; times--)
		tamper(draw, text, &size);
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	if (program_parse(text, size, &program, &error)) {
		in_its_domains(&program);
		print_is_parsed(&program, printed, &reprinted);
	} else {
		LAW(error.line >= 1 && error.line <= lines && error.column >= 1 && error.column <= size + 1);
		LAW(*error.text && memchr(error.text, 0, sizeof(error.text)));
		LAW(!program.nr_ops && !program.ops && !program.schedule);
	}
	program_free(&program);
}

static uint64_t kinds_in(const struct program *program)
{
	uint64_t kinds = 0;

	for (size_t i = 0; i < program->nr_ops; i++)
		kinds |= 1ull << program->ops[i].code;
	return kinds;
}

static void mutants_among_some_kinds_are_of_these(struct draw *draw, struct program *program)
{
	uint64_t kinds = (draw_bits(draw) & draw_bits(draw)) | 1ull << draw_below(draw, OPS_COUNT);
	uint64_t before = kinds_in(program);

	program_mutate_among(program, kinds, draw_bits(draw), OPS_MOST);
	is_canonical(program);
	LAW(!(kinds_in(program) & ~(before | kinds)));
}

static void mutants_are_programs(struct draw *draw)
{
	size_t ops_max = draw_below(draw, OPS_MOST + 1);
	uint64_t seed = draw_bits(draw);
	struct program program, twin;

	random_program(draw, &program);
	program_copy(&twin, &program);
	for (unsigned int round = 0; round < 2; round++) {
		program_mutate(&program, seed + round, ops_max);
		program_mutate(&twin, seed + round, ops_max);
		LAW(program.nr_ops <= ops_max);
		is_canonical(&program);
		LAW(program_equal(&program, &twin));
	}
	mutants_among_some_kinds_are_of_these(draw, &program);
	program_free(&program);
	program_free(&twin);
}

static void children_are_programs(struct draw *draw)
{
	size_t ops_max = draw_below(draw, OPS_MOST + 1);
	uint64_t seed = draw_bits(draw);
	struct program a, b, child, twin;

	random_program(draw, &a);
	random_program(draw, &b);
	program_cross(&a, &b, seed, ops_max, &child);
	program_cross(&a, &b, seed, ops_max, &twin);
	LAW(child.nr_ops <= ops_max);
	is_canonical(&child);
	LAW(program_equal(&child, &twin));
	program_free(&a);
	program_free(&b);
	program_free(&child);
	program_free(&twin);
}

static void what_is_generated_is_a_program(struct draw *draw)
{
	unsigned int threads = 1 + (unsigned int)draw_below(draw, PROGRAM_THREADS_MAX);
	size_t nr_ops = draw_below(draw, OPS_MOST);
	struct program program, twin;

	program_generate(&program, input, threads, nr_ops);
	program_generate(&twin, input, threads, nr_ops);
	LAW(program_threads(&program) <= threads);
	is_canonical(&program);
	LAW(program_equal(&program, &twin));
	program_free(&program);
	program_free(&twin);
}

/* -------------------------------------------------------------------------------------------------------- the whole */

static const struct {
	const char *name;
	void (*check)(struct draw *draw);
	unsigned int percent;
} laws[] = {
	{ "bytes", bytes_are_a_program, 50 },
	{ "text", text_is_a_program, 8 },
	{ "tampered text", tampered_text_is_a_program_or_an_error, 8 },
	{ "mutants", mutants_are_programs, 20 },
	{ "children", children_are_programs, 12 },
	{ "generated", what_is_generated_is_a_program, 2 },
};

#define LAWS (sizeof(laws) / sizeof(laws[0]))

int main(int argc, char *argv[])
{
	uint64_t inputs = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	uint64_t seen[LAWS] = { 0 };

	for (input = seed; input != seed + inputs; input++) {
		struct draw draw = { input };
		uint64_t left = draw_below(&draw, 100);
		size_t law = 0;

		for (; left >= laws[law].percent; law++)
			left -= laws[law].percent;
		laws[law].check(&draw);
		seen[law]++;
	}
	for (size_t law = 0; law < LAWS; law++)
		printf("%-16s %12" PRIu64 "\n", laws[law].name, seen[law]);
	return 0;
}
