// SPDX-License-Identifier: GPL-2.0-only
/*
 * ops_md.c - docs/OPS.md, made from ops.def, operands.def, header.def, refusals.def and the limits of program.h.
 */
#include <ctype.h>
#include <string.h>

#include "harness/program/program.h"
#include "tests/docs/made_file.h"

static const char intro[] =
	"# Programs and their operations\n"
	"\n"
	"What is done to a core, as data: text that people read and mail, bytes that fuzzers mutate. Generated\n"
	"from `harness/ops.def`, `operands.def` and `program/header.def` by `tests/docs`; a row there is all that\n"
	"decoding, printing, parsing, mutation and this page need.\n"
	"\n"
	"    mmutorture generate --seed 1 --output a.mmut    # a program to begin with\n"
	"    mmutorture check a.mmut                         # is it one?  If not: line, column, what would be right\n"
	"    mmutorture convert a.mmut a.bin                 # the bytes that fuzzers have\n"
	"    mmutorture run a.mmut\n"
	"\n"
	"## Text\n"
	"\n"
	"```\n"
	"mmut 1\n"
	"found core=kvm kernel=\"Linux 6.12.107\" flavour=dev finding=\"mmu-invariant T1\" seed=0x1   # if it was\n"
	"machine paging=npt                             # what differs from the presets below\n"
	"vm type=protected vcpus=2\n"
	"\n"
	"setup                                          # before the threads begin\n"
	"  host_area hva=a0+0 pages=0x1000 level=2m writable=on\n"
	"  gmem_create bytes=0x1000000 flags=0\n"
	"  slot_set as=0 id=0 flags=gmem gpa=0x400000 bytes=0x1000000 hva=a0+0 gmem=0 offset=0\n"
	"\n"
	"thread 0\n"
	"  access vcpu=0 how=r+w gpa=0x400000 count=1 stride=0\n"
	"\n"
	"thread 1\n"
	"  host_unmap hva=a0+0 pages=1\n"
	"```\n"
	"\n"
	"`#` begins a comment. Numbers are decimal, or hex behind `0x`. Arguments may come in any order, and all of\n"
	"them have to be there. `a0+0x1000` is 0x1000 bytes into the first area of host memory. Sets are joined by\n"
	"`+`; the empty one is `none`. Behind a line `schedule` stands who ran when, one decision a line (REPLAY.md).\n"
	"\n"
	"A header line `expect core=kvm finding=\"mmu-invariant D1\" source=\"virt/kvm/x.c\" text=\"...\"` is for\n"
	"programs that are kept: a run has to show that finding where the text stands in that file of the core's\n"
	"source, and none where it does not.\n"
	"\n";

static const char bytes[] =
	"## Bytes\n"
	"\n"
	"Every string of bytes is a program, and each program has one spelling: the format (1), one byte for each\n"
	"choice of the header in the order of the tables below, the length of the schedule in four bytes; records\n"
	"of %d bytes; the schedule. A record is the operation's number, the stream (0 is setup, thread i is i + 1),\n"
	"and the arguments, as wide as the table of operands says, little-endian. What is too large is reduced:\n"
	"choices modulo their number, sets to the bits that they have. Bytes are for fuzzers and for today: a new\n"
	"row changes what they mean, and what is kept is kept as text.\n"
	"\n";

static void print_limits(FILE *stream)
{
	fprintf(stream,
		"## Limits\n"
		"\n"
		"%u operations, %d threads, %u bytes of schedule, %u bytes of text. %d areas of host memory of %lu MiB "
		"each.\n"
		"\n",
		PROGRAM_OPS_MAX, PROGRAM_THREADS_MAX, PROGRAM_SCHEDULE_MAX, PROGRAM_TEXT_MAX, PROGRAM_AREAS,
		PROGRAM_AREA_BYTES >> 20);
}

/* "a|b" would end the cell of the table. */
static void print_choices(const char *choices, FILE *stream)
{
	char text[64];

	for (unsigned int i = 0; i < choices_count(choices); i++)
		fprintf(stream, "%s`%s`", i ? " " : "", choices_name(choices, i, text, sizeof(text)));
}

static void print_header(FILE *stream)
{
	char preset[32];

	fputs("## Header\n"
	      "\n"
	      "| line | field | choices | preset |\n"
	      "|---|---|---|---|\n",
	      stream);
	for (unsigned int i = 0; i < PROGRAM_FIELDS_COUNT; i++) {
		const struct program_field_row *row = &program_field_rows[i];

		fprintf(stream, "| %s | `%s` | ", row->machine ? "machine" : "vm", row->name);
		print_choices(row->choices, stream);
		fprintf(stream, " | `%s` |\n", choices_name(row->choices, row->preset, preset, sizeof(preset)));
	}
	fputs("\n", stream);
}

static const char *form_text(enum operand_form form)
{
	static const char *const texts[] = {
		[OPERAND_FORM_NUMBER] = "number",
		[OPERAND_FORM_INDEX] = "index among what is alive, modulo its number",
		[OPERAND_FORM_CHOICE] = "one of",
		[OPERAND_FORM_SET] = "set of",
		[OPERAND_FORM_HVA] = "`a<area>+<offset>` or number",
	};

	return texts[form];
}

static void print_operands(FILE *stream)
{
	fputs("## Operands\n"
	      "\n"
	      "| operand | bytes | | what |\n"
	      "|---|---|---|---|\n",
	      stream);
	for (unsigned int i = 0; i < OPERANDS_COUNT; i++) {
		const struct operand_row *row = &operand_rows[i];

		fprintf(stream, "| %s | %u | %s", row->name, row->width, form_text(row->form));
		fputs(*row->choices ? " " : "", stream);
		print_choices(row->choices, stream);
		fprintf(stream, " | %s |\n", row->summary);
	}
	fputs("\n", stream);
}

/* HOST_MEMORY: "host memory". */
static void print_group(const char *group, FILE *stream)
{
	fputs("\n### ", stream);
	for (; *group; group++)
		fputc(*group == '_' ? ' ' : tolower(*group), stream);
	fputs("\n"
	      "\n"
	      "| operation | does | kernel |\n"
	      "|---|---|---|\n",
	      stream);
}

static void print_ops(FILE *stream)
{
	const char *group = "";

	fputs("## Operations\n"
	      "\n"
	      "Behind each argument stands its operand. An operation marked ° occupies its vCPU while it runs: two\n"
	      "of them on one vCPU wait for each other.\n",
	      stream);
	for (unsigned int i = 0; i < OPS_COUNT; i++) {
		const struct op_row *row = &op_rows[i];

		if (strcmp(group, row->group))
			print_group(row->group, stream);
		group = row->group;
		fprintf(stream, "| `%s", row->name);
		for (unsigned int a = 0; a < row->nr_arguments; a++)
			fprintf(stream, " %s=%s", row->argument[a].name, operand_rows[row->argument[a].operand].name);
		fprintf(stream, "`%s | %s | %s |\n", row->side == OP_SIDE_VCPU ? " °" : "", row->summary, row->kernel);
	}
}

/* --------------------------------------------------------------------------------------------------------- refusals */

struct refusal_row {
	uint64_t operations; /* bit of the code */
	const char *errnos;
	const char *statement;
	const char *source;
};
_Static_assert(OPS_COUNT <= 64, "one bit each in struct refusal_row");

#define OF(name) (1ull << OP_##name)
#define ONE(number) #number
#define ANY(...) #__VA_ARGS__

static const struct refusal_row must_rows[] = {
#define REFUSAL(operations, errnos, condition, statement, source) { operations, errnos, statement, source },
#define MAY(operations, number, condition, statement)
#include "harness/refusals.def"
#undef REFUSAL
#undef MAY
};

static const struct refusal_row may_rows[] = {
#define REFUSAL(operations, errnos, condition, statement, source)
#define MAY(operations, number, condition, statement) { operations, #number, statement, "" },
#include "harness/refusals.def"
#undef REFUSAL
#undef MAY
};

static void print_refusal(const struct refusal_row *row, FILE *stream)
{
	fputs("| ", stream);
	for (unsigned int i = 0; i < OPS_COUNT; i++) {
		if (row->operations >> i & 1)
			fprintf(stream, "`%s` ", op_rows[i].name);
	}
	fprintf(stream, "| %s | %s |", row->errnos, row->statement);
	if (*row->source)
		fprintf(stream, " %s |", row->source);
	fputs("\n", stream);
}

static void print_refusals(FILE *stream)
{
	fputs("\n"
	      "## What is refused\n"
	      "\n"
	      "From `harness/refusals.def`, in the order in which a core has to look: the first row that holds says\n"
	      "what comes back, where none does the operation succeeds, and what is refused changes nothing. Where\n"
	      "there are several errnos kernels differ; 0 is success.\n"
	      "\n"
	      "| operations | errno | when | source |\n"
	      "|---|---|---|---|\n",
	      stream);
	for (size_t i = 0; i < sizeof(must_rows) / sizeof(must_rows[0]); i++)
		print_refusal(&must_rows[i], stream);
	fputs("\n"
	      "What may come back all the same:\n"
	      "\n"
	      "| operations | errno | why |\n"
	      "|---|---|---|\n",
	      stream);
	for (size_t i = 0; i < sizeof(may_rows) / sizeof(may_rows[0]); i++)
		print_refusal(&may_rows[i], stream);
}

static void print_event(const char *text, const char *kind, const char *functions, FILE *stream)
{
	fprintf(stream, "| `%s` | %s |", text, kind);
	for (size_t length; *functions; functions += length + !!functions[length]) {
		length = strcspn(functions, "|");
		fprintf(stream, " `%.*s`", (int)length, functions);
	}
	fputs(" |\n", stream);
}

static void print_events(FILE *stream)
{
	fputs("## Events\n"
	      "\n"
	      "What `hold` lines of a schedule name (REPLAY.md): a point of that kind, in one of these functions.\n"
	      "\n"
	      "| event | point | functions |\n"
	      "|---|---|---|\n",
	      stream);
#define EVENT(name, text, kind, functions) print_event(text, #kind, functions, stream);
#include "harness/program/events.def"
#undef EVENT
	fputs("\n", stream);
}

static void make(FILE *stream)
{
	fputs(intro, stream);
	fprintf(stream, bytes, OP_RECORD_BYTES);
	print_limits(stream);
	print_header(stream);
	print_operands(stream);
	print_ops(stream);
	print_events(stream);
	print_refusals(stream);
}

int main(int argc, char *argv[])
{
	return made_file_main(argc, argv, "a .def file of harness", make);
}
