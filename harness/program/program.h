/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - what is done to a core, as data: text that people read and mail, bytes that fuzzers mutate.
 *
 * A program has a header (the machine and the VM), a setup stream, up to PROGRAM_THREADS_MAX thread streams, and a
 * schedule.  In memory it is an array of operations in which each says to which stream it belongs.
 * Every byte string decodes to a program; encode is the inverse on canonical strings: decode(encode(p)) equals p, and
 * encode(decode(b)) is the one canonical spelling of what b means.
 * Every function leaves a program whose arguments lie in their domains; whoever writes to op.argument reduces the
 * operation afterwards.
 * Ownership: a program owns its arrays; program_free() gives them back, program_append() alone makes them longer.
 *            Zero-initialised is the empty program, but with a header whose choices are all 0: program_init() gives the
 *            presets.
 * Locking:   none; not shared while it changes.
 */
#ifndef HARNESS_PROGRAM_PROGRAM_H
#define HARNESS_PROGRAM_PROGRAM_H

#include <stdio.h>

#include "mmu_core/core.h"

#define PROGRAM_FORMAT 1 /* of text and bytes; a reader refuses others */
#define PROGRAM_THREADS_MAX 8
#define PROGRAM_SETUP 0xff /* struct op.thread of the setup stream */
#define PROGRAM_OPS_MAX (1u << 18)
#define PROGRAM_SCHEDULE_MAX (1u << 18) /* bytes */
#define PROGRAM_TEXT_MAX (64u << 20) /* bytes; the longest program that fits the limits above is shorter as text */

#define OP_ARGUMENTS_MAX 8
#define OP_ARGUMENT_BYTES 38 /* so that a record is 40: operation, stream, arguments */
#define OP_RECORD_BYTES 40

enum operand {
#define OPERAND(name, form, width, choices, values, summary) OPERAND_##name,
#include "harness/operands.def"
#undef OPERAND
	OPERANDS_COUNT,
};

enum op_code {
#define OP(name, group, side, summary, kernel, ...) OP_##name,
#include "harness/ops.def"
#undef OP
	OPS_COUNT,
};

enum program_field {
#define MACHINE(name, choices, preset) PROGRAM_MACHINE_##name,
#define VM(name, choices, preset) PROGRAM_VM_##name,
#include "harness/program/header.def"
#undef MACHINE
#undef VM
	PROGRAM_FIELDS_COUNT,
};

struct op {
	uint8_t code; /* enum op_code */
	uint8_t thread; /* 0 .. PROGRAM_THREADS_MAX - 1, or PROGRAM_SETUP */
	uint64_t argument[OP_ARGUMENTS_MAX]; /* in the order of ops.def; unused ones are 0 */
};

/* Where it was found: for people and for the warning when it is run elsewhere.  Empty: not said. */
struct program_origin {
	char core[16];
	char kernel[64];
	char flavour[16];
	char finding[64]; /* class and id: "mmu-invariant T1" */
	uint64_t seed;
};

/*
 * What it shows, for programs that are kept: where @text stands in @source of @core's source it has to show a finding
 * whose class and id begin with @finding, and elsewhere none.  Empty finding: nothing is expected.
 */
struct program_expectation {
	char core[16];
	char finding[64];
	char source[64];
	char text[96];
};

struct program {
	uint8_t field[PROGRAM_FIELDS_COUNT];
	struct program_origin origin; /* text form only, as is the next */
	struct program_expectation expectation;
	struct op *ops; /* setup first, then thread 0, 1 ...; inside a stream in its order */
	size_t nr_ops;
	uint8_t *schedule; /* NULL: none; decisions.h says what it means */
	size_t schedule_bytes;
};

/* ----------------------------------------------------------------------------------------------------- descriptions */

enum operand_form {
	OPERAND_FORM_NUMBER,
	OPERAND_FORM_INDEX,
	OPERAND_FORM_CHOICE,
	OPERAND_FORM_SET,
	OPERAND_FORM_HVA,
};

enum op_side {
	OP_SIDE_HOST,
	OP_SIDE_VCPU,
};

struct operand_row {
	const char *name;
	enum operand_form form;
	unsigned int width;
	const char *choices;
	const uint64_t *values;
	size_t nr_values;
	const char *summary;
};

struct op_argument {
	enum operand operand;
	const char *name;
};

struct op_row {
	const char *name;
	const char *group;
	enum op_side side;
	const char *summary;
	const char *kernel;
	struct op_argument argument[OP_ARGUMENTS_MAX];
	unsigned int nr_arguments;
};

struct program_field_row {
	const char *name;
	bool machine;
	const char *choices;
	uint8_t preset;
};

extern const struct operand_row operand_rows[OPERANDS_COUNT];
extern const struct op_row op_rows[OPS_COUNT];
extern const struct program_field_row program_field_rows[PROGRAM_FIELDS_COUNT];

/* Number of choices in "a|b|c"; the text of one, in @room bytes of @text. */
unsigned int choices_count(const char *choices);
const char *choices_name(const char *choices, unsigned int index, char *text, size_t room);

/* Cut to the operand's width, CHOICE modulo its number, SET masked; unused arguments become 0. */
uint64_t operand_reduce(enum operand operand, uint64_t value);
void op_reduce(struct op *op);

/* Addresses of host memory as programs spell them: area i begins at area_start(i). */
#define PROGRAM_AREAS 16
#define PROGRAM_AREA_BYTES (HOST_HVA_BYTES / PROGRAM_AREAS)

static inline hva_t area_start(unsigned int area)
{
	return HOST_HVA_BASE + area * PROGRAM_AREA_BYTES;
}

/* --------------------------------------------------------------------------------------------------- life and parts */

void program_init(struct program *program); /* presets, no operations */
void program_free(struct program *program);
void program_copy(struct program *to, const struct program *from); /* @to: uninitialised or freed */
/* False: PROGRAM_OPS_MAX reached.  Keeps the order of streams (struct program.ops). */
bool program_append(struct program *program, const struct op *op); /* @op: reduced to its domains (op_reduce()) */
void program_remove(struct program *program, size_t first, size_t count);
bool program_equal(const struct program *a, const struct program *b); /* what is text only does not count */
unsigned int program_threads(const struct program *program); /* highest thread named, plus one */

/* The header as the core and the world want it; @vm_config.mm is left NULL. */
struct world_options;
void program_machine(const struct program *program, struct mmu_core_config *config);
void program_vm(const struct program *program, struct mmu_vm_config *vm_config, struct world_options *options);

/* -------------------------------------------------------------------------------------------------- bytes (codec.c) */

/*
 * Format, choices of header.def, bytes of the schedule as 4 bytes; the records; the schedule.  A record is the
 * operation, the stream (0 is setup, thread i is i + 1), and the arguments one behind the other, little-endian; both of
 * the former modulo their number, so that each value means something.
 */
#define PROGRAM_HEADER_BYTES (1 + PROGRAM_FIELDS_COUNT + 4)

/*
 * Total: missing bytes are 0, an incomplete record is dropped, a schedule longer than what is there takes all of it.
 * The format is not looked at.  @program: uninitialised or freed.
 */
void program_decode(const uint8_t *bytes, size_t size, struct program *program);
/* Bytes written, 0: @room is too small.  program_encoded_size() says how much is needed. */
size_t program_encode(const struct program *program, uint8_t *bytes, size_t room);
size_t program_encoded_size(const struct program *program);

/* ------------------------------------------------------------------------------------------ text (print.c, parse.c) */

/* Both give the number of bytes written, or -errno of the stream as a negative value. */
int program_print(const struct program *program, FILE *stream);
int op_print(const struct op *op, FILE *stream); /* one line without its end */

struct program_error {
	unsigned int line, column; /* from 1; line 0: in no text */
	char text[160]; /* what is there, and what would be right */
};

/*
 * @text need not end with 0; @program: uninitialised or freed.  False: @error says where and why, @program is as
 * program_init() leaves it.
 */
bool program_parse(const char *text, size_t size, struct program *program, struct program_error *error);

/*
 * Text or bytes, by the first byte, which is the number of the format in bytes and no character of a text.  False: it
 * is neither, or a text that says nothing; @error and @program as above.
 */
bool program_read(const uint8_t *bytes, size_t size, struct program *program, struct program_error *error);

typedef bool (*program_parser)(const char *text, size_t size, struct program *program, struct program_error *error);

/* As program_read(); one line on @errors that begins with @path (and line:column) when it fails. */
bool program_load(const char *path, struct program *program, FILE *errors);
/* The same for a text of another language. */
bool program_load_text(const char *path, program_parser parse, struct program *program, FILE *errors);
/* Beside, then renamed: @path is either whole or as it was. */
bool program_save(const char *path, const struct program *program, bool text, FILE *errors);

/* ------------------------------------------------------------------------------------ change (mutate.c, generate.c) */

/*
 * All deterministic in @seed; the result is a program of at most @ops_max operations.  @child and what is generated:
 * uninitialised or freed.
 */
void program_mutate(struct program *program, uint64_t seed, size_t ops_max);
/* Brings in operations of @kinds only: bits of enum op_code, at least one. */
void program_mutate_among(struct program *program, uint64_t kinds, uint64_t seed, size_t ops_max);
void program_mutate_schedule(struct program *program, uint64_t seed); /* of nothing but its schedule */
void program_cross(const struct program *a, const struct program *b, uint64_t seed, size_t ops_max,
		   struct program *child);
/* A VM with memory, slots and files, and @nr_ops operations on them in @threads streams. */
void program_generate(struct program *program, uint64_t seed, unsigned int threads, size_t nr_ops);

/* Words for fuzzers that change bytes, in the syntax of libFuzzer and AFL++.  0 or -errno. */
int program_print_dictionary(FILE *stream);

#endif
