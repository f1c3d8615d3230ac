// SPDX-License-Identifier: GPL-2.0-only
/*
 * program_text_test.c - programs as text: what is printed, what is read, and the one line about each mistake.
 */
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "harness/program/decisions.h"
#include "harness/program/parts.h"

static struct program_error error;

static bool parse(const char *text, struct program *program)
{
	return program_parse(text, strlen(text), program, &error);
}

static char *print(const struct program *program)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int written = program_print(program, stream);

	CHECK(!fclose(stream) && written == (int)size);
	return text;
}

/* @text means what @wanted is the print of. */
static void reads_as(const char *text, const char *wanted)
{
	struct program program;
	char *printed;

	if (!parse(text, &program))
		fprintf(stderr, "%u:%u: %s\n", error.line, error.column, error.text);
	printed = print(&program);
	if (strcmp(printed, wanted))
		fprintf(stderr, "printed\n%swanted\n%s", printed, wanted);
	CHECK(!strcmp(printed, wanted));
	free(printed);
	program_free(&program);
}

static void what_people_mail_is_what_is_printed(void)
{
	static const char text[] =
		"mmut 1\n"
		"found core=kvm kernel=\"Linux 6.12.107\" flavour=dev finding=\"mmu-invariant T1\" seed=0x1\n"
		"machine paging=npt maxphyaddr=52\n"
		"vm type=protected vcpus=2\n"
		"\n"
		"setup\n"
		"  host_area hva=a0+0 pages=0x1000 level=2m writable=on\n"
		"  slot_set as=0 id=0 flags=log_dirty+gmem gpa=0x400000 bytes=0x1000000 hva=a15+0x1000 gmem=255 "
		"offset=0\n"
		"\n"
		"thread 0\n"
		"  access vcpu=0 how=r+w gpa=0x400000 count=1 stride=0\n"
		"  barrier\n"
		"\n"
		"thread 7\n"
		"  host_unmap hva=0xffff888000000000 pages=1023\n"
		"\n"
		"schedule seed=0x5eed\n"
		"  switch from=0 step=37 to=7\n"
		"  wait from=7 step=4000000 to=main\n"
		"  wait from=7 step=4000000 nth=1 to=rcu\n"
		"  hold cpu=1 at=mmu_lock nth=2 until=rcu past=invalidation_ends\n"
		"  hold cpu=1 at=guest_entered until=0 past=mmu_lock\n"
		"  switch from=srcu step=1152921504606846975 to=kthread52\n";

	reads_as(text, text);
}

static void authors_may_write_it_in_other_ways(void)
{
	reads_as("# a comment\n\n  mmut 1 # and another\r\n", "mmut 1\n");
	reads_as("mmut 1\nmachine paging=ept ad=on\nvm\nfound\n", "mmut 1\n");
	reads_as("mmut 1\nthread 1\nkick vcpu=4\nthread 0\n\tkick\tvcpu=0x3#c\nsetup\nkick vcpu=002",
		 "mmut 1\n\nsetup\n  kick vcpu=2\n\nthread 0\n  kick vcpu=3\n\nthread 1\n  kick vcpu=4\n");
	reads_as("mmut 1\nsetup\nhost_unmap pages=1 hva=0x551000000010\n",
		 "mmut 1\n\nsetup\n  host_unmap hva=a0+16 pages=1\n");
	reads_as("mmut 1\nsetup\nslot_flags id=65535 flags=bit4+readonly as=0\n",
		 "mmut 1\n\nsetup\n  slot_flags as=0 id=0xffff flags=readonly+bit4\n");
	reads_as("mmut 1\nschedule seed=0\nwait to=1 nth=0 step=0x10 from=main # c\n",
		 "mmut 1\n\nschedule\n  wait from=main step=16 to=1\n");
	reads_as("mmut 1\nfound finding=\"a # b\"\n", "mmut 1\nfound finding=\"a # b\"\n");
	reads_as("mmut 1\nvm vcpus=2\nexpect text=\"f(x)\" source=a/b.c finding=\"mmu-invariant D1\" core=kvm\n",
		 "mmut 1\nexpect core=kvm finding=\"mmu-invariant D1\" source=\"a/b.c\" text=\"f(x)\"\nvm vcpus=2\n");
}

static void what_quotes_cannot_hold_is_printed_as_something_else(void)
{
	struct program program;
	char *text;

	program_init(&program);
	snprintf(program.origin.finding, sizeof(program.origin.finding), "a \"b\"\n");
	text = print(&program);
	CHECK(!strcmp(text, "mmut 1\nfound finding=\"a 'b'?\"\n"));
	free(text);
}

/* --------------------------------------------------------------------------------------------------------- mistakes */

struct mistake {
	const char *text; /* behind "mmut 1\n" when it begins with a newline */
	const char *said; /* line:column: text */
};

static const struct mistake mistakes[] = {
	{ "", "1:1: nothing is here: a program begins with 'mmut 1'" },
	{ "# only this\n", "2:1: nothing is here: a program begins with 'mmut 1'" },
	{ "mmuth 1", "1:1: 'mmuth': a program begins with 'mmut 1'" },
	{ "mmut", "1:5: a number should stand here: decimal, or hex behind 0x" },
	{ "mmut 2", "1:6: format 2: this reads format 1" },
	{ "mmut 1 2", "1:8: '2': the line should end here" },
	{ "\nfound core", "2:11: 'core' needs a value: core=..." },
	{ "\nfound core=", "2:12: 'core=' needs a value behind it" },
	{ "\nfound cor=kvm", "2:7: 'cor' is none of core|kernel|flavour|finding|seed" },
	{ "\nfound core=a core=b", "2:14: 'core' stands there twice" },
	{ "\nfound kernel=\"Linux", "2:14: no '\"' at the end of the text that begins here" },
	{ "\nfound core=0123456789abcdef", "2:12: 16 characters for 'core': at most 15" },
	{ "\nfound seed=x", "2:12: 'x' is no number: decimal, or hex behind 0x" },
	{ "\nexpect seed=1", "2:8: 'seed' is none of core|finding|source|text" },
	{ "\nexpect core=a\nexpect core=b", "3:1: this section began in line 2: one of a kind" },
	{ "\nmachine pagin=ept", "2:9: 'machine' has no 'pagin'; nearest is 'paging'" },
	{ "\nmachine colour=red", "2:9: 'machine' has no 'colour'; docs/OPS.md lists what it has" },
	{ "\nmachine vcpus=1", "2:9: 'vcpus' belongs to the line 'vm'" },
	{ "\nvm ad=on", "2:4: 'ad' belongs to the line 'machine'" },
	{ "\nvm vcpus=1 vcpus=2", "2:12: 'vcpus' stands there twice" },
	{ "\nvm vcpus=5", "2:10: '5' is none of 1|2|3|4" },
	{ "\nvm type=secret", "2:9: 'secret' is none of default|protected" },
	{ "\nvm type=protcted", "2:9: 'protcted' is none of default|protected" },
	{ "\nvm\nvm", "3:1: this section began in line 2: one of a kind" },
	{ "\nsetup\nvm vcpus=1", "3:1: 'vm' belongs above 'setup' and the threads" },
	{ "\nsetup now", "2:7: 'now': the line should end here" },
	{ "\nsetup\nsetup", "3:1: this section began in line 2: one of a kind" },
	{ "\nthread", "2:7: a number should stand here: decimal, or hex behind 0x" },
	{ "\nthread 8", "2:8: 8 is too large: at most 7" },
	{ "\nthread 1\nthread 1", "3:1: this section began in line 2: one of a kind" },
	{ "\nbarrier", "2:1: 'barrier' belongs below 'setup' or 'thread N'" },
	{ "\nsetup\n  acces", "3:3: no operation 'acces'; nearest is 'access'" },
	{ "\nsetup\n  slot_st", "3:3: no operation 'slot_st'; nearest is 'slot_set'" },
	{ "\nsetup\n  frobnicate", "3:3: no operation 'frobnicate'; docs/OPS.md lists them" },
	{ "\nsetup\n  =", "3:3: no operation ''; docs/OPS.md lists them" },
	{ "\nsetup\n  \x01\xff", "3:3: no operation '?\?'; docs/OPS.md lists them" },
	{ "\nsetup\n  slot_move as=0 id=0 gap=0", "3:23: slot_move has no argument 'gap'; nearest is 'gpa'" },
	{ "\nsetup\n  kick cpu=1", "3:8: kick has no argument 'cpu'; nearest is 'vcpu'" },
	{ "\nsetup\n  kick colour=1", "3:8: kick has no argument 'colour'; it has vcpu" },
	{ "\nsetup\n  barrier 1", "3:11: barrier has no argument '1'; it has none" },
	{ "\nsetup\n  kick vcpu=1 vcpu=1", "3:15: 'vcpu' stands there twice" },
	{ "\nsetup\n  kick vcpu", "3:12: 'vcpu' needs a value: vcpu=..." },
	{ "\nsetup\n  kick vcpu =1", "3:12: 'vcpu' needs a value: vcpu=..." },
	{ "\nsetup\n  kick =1", "3:8: kick has no argument ''; it has vcpu" },
	{ "\nsetup\n  kick", "3:7: kick needs 'vcpu=...', too" },
	{ "\nsetup\n  slot_delete as=0 # id=1", "3:20: slot_delete needs 'id=...', too" },
	{ "\nsetup\n  kick vcpu=256", "3:13: 256 is too large: at most 255" },
	{ "\nsetup\n  kick vcpu=-1", "3:13: '-1' is no number: decimal, or hex behind 0x" },
	{ "\nsetup\n  kick vcpu=0x", "3:13: '0x' is no number: decimal, or hex behind 0x" },
	{ "\nsetup\n  kick vcpu=1=2", "3:13: '1=2' is no number: decimal, or hex behind 0x" },
	{ "\nsetup\n  slot_delete as=0 id=0x10000", "3:23: 0x10000 is too large: at most 0xffff" },
	{ "\nsetup\n  shrink count=99999999999999999999999",
	  "3:16: 99999999999999999999999 is too large: at most 0xffff" },
	{ "\nsetup\n  pages_limit pages=18446744073709551616",
	  "3:21: 18446744073709551616 is too large: at most 0xffffffffffffffff" },
	{ "\nsetup\n  host_split hva=a1", "3:18: an hva is a number, or a<area>+<offset> like a0+0x1000" },
	{ "\nsetup\n  host_split hva=a16+0", "3:19: 16 is too large: at most 15" },
	{ "\nsetup\n  host_split hva=a1+0x800000000", "3:21: 0x800000000 is too large: at most 0x7ffffffff" },
	{ "\nsetup\n  host_split hva=a1+", "3:21: a number should stand here: decimal, or hex behind 0x" },
	{ "\nsetup\n  eager_split state=of", "3:21: 'of' is none of off|on" },
	{ "\nsetup\n  slot_flags as=0 id=0 flags=readonly+", "3:39: '' is none of log_dirty|readonly|gmem|bit3|bit4" },
	{ "\nsetup\n  slot_flags as=0 id=0 flags=gmem+gmem", "3:35: 'gmem' stands there twice" },
	{ "\nsetup\n  slot_flags as=0 id=0 flags=none+gmem",
	  "3:30: 'none' is none of log_dirty|readonly|gmem|bit3|bit4" },
	{ "\nsetup\n  uapi call=read pointer=off word0=0 word1=0 word2=0 word3=0",
	  "3:13: 'read' is none of set_user_memory_region|set_user_memory_region2|get_dirty_log|clear_dirty_log|"
	  "set_memory_at..." },
	{ "\nsetup\n  aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
	  "3:3: no operation 'aaaaaaaaaabbbbbbbbbbccccccccccdddddd...'; docs/OPS.md lists them" },
	{ "\nsetup\n  uapi call=get_dirtylog pointer=off word0=0 word1=0 word2=0 word3=0",
	  "3:13: no choice 'get_dirtylog'; nearest is 'get_dirty_log'" },
	{ "\nschedule\n  goto from=0 step=0 to=1",
	  "3:3: 'goto': a line of a schedule begins with 'switch', 'wait' or 'hold'" },
	{ "\nschedule 5", "2:10: '5': schedule has 'seed=...', or nothing" },
	{ "\nschedule seed=0x8000000000000000", "2:15: 0x8000000000000000 is too large: at most 0x7fffffffffffffff" },
	{ "\nschedule\n  switch from=8 step=0 to=1",
	  "3:15: '8' is no CPU: those are a thread's number, main, rcu, srcu, kthread0..52" },
	{ "\nschedule\n  switch from=0 step=0", "3:23: switch needs 'to=...', too" },
	{ "\nschedule\n  hold cpu=0 step=0", "3:14: 'step' is none of cpu|at|nth|until|past" },
	{ "\nschedule\n  hold cpu=0 at=lunch", "3:17: 'lunch' is no event: those are in docs/OPS.md" },
	{ "\nschedule\n  hold cpu=0 at=mmu_lock until=1", "3:33: hold needs 'past=...', too" },
	{ "\nschedule\n  wait from=0 from=1", "3:15: 'from' stands there twice" },
	{ "\nschedule\n  wait at=0", "3:8: 'at' is none of from|step|nth|to" },
	{ "\nschedule\nschedule", "3:1: this section began in line 2: one of a kind" },
};

static void each_mistake_gets_its_line(void)
{
	unsigned int bad = 0;

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char text[256], said[256];
		struct program program;

		snprintf(text, sizeof(text), "%s%s", *mistakes[i].text == '\n' ? "mmut 1" : "", mistakes[i].text);
		CHECK(!parse(text, &program));
		snprintf(said, sizeof(said), "%u:%u: %s", error.line, error.column, error.text);
		CHECK(!program.nr_ops && program.field[PROGRAM_MACHINE_ad] == 1);
		if (!strcmp(said, mistakes[i].said))
			continue;
		fprintf(stderr, "%s\nsaid    %s\nwanted  %s\n", text, said, mistakes[i].said);
		bad++;
	}
	CHECK(!bad);
}

/* ----------------------------------------------------------------------------------------------------------- limits */

static void too_much_is_an_error(void)
{
	const size_t size = PROGRAM_TEXT_MAX + 1;
	char *text = malloc(size);
	struct program program;
	size_t at;

	CHECK(text);
	memset(text, ' ', size);
	memcpy(text, "mmut 1\n", 7);
	CHECK(!program_parse(text, size, &program, &error));
	CHECK(!strcmp(error.text, "a text of 67108865 bytes: at most 67108864"));
	CHECK(program_parse(text, size - 1, &program, &error));
	program_free(&program);

	at = (size_t)snprintf(text, size, "mmut 1\nsetup\n");
	for (size_t i = 0; i <= PROGRAM_OPS_MAX; i++)
		at += (size_t)snprintf(text + at, size - at, "audit\n");
	CHECK(!program_parse(text, at, &program, &error));
	CHECK(!strcmp(error.text, "more than 262144 operations") && error.line == 3 + PROGRAM_OPS_MAX);

	/* The head has two bytes, each of these decisions three, and one byte is left. */
	at = (size_t)snprintf(text, size, "mmut 1\nschedule\n");
	for (size_t i = 0; i < (PROGRAM_SCHEDULE_MAX - 2) / 3; i++)
		at += (size_t)snprintf(text + at, size - at, "switch from=0 step=0 to=1\n");
	CHECK(program_parse(text, at, &program, &error));
	CHECK(program.schedule_bytes > PROGRAM_SCHEDULE_MAX - 3);
	program_free(&program);
	at += (size_t)snprintf(text + at, size - at, "switch from=0 step=0 to=1\n");
	CHECK(!program_parse(text, at, &program, &error));
	CHECK(!strcmp(error.text, "more than 262144 bytes of schedule"));
	free(text);
}

/* Of each operation, with the longest text that each argument can have. */
static void the_longest_line_fits(void)
{
	/* Larger steps take more bytes. */
	const struct decision widest_decision = { .step = 31, .from = DECISION_CPUS - 1, .to = DECISION_CPUS - 1 };
	size_t longest = 0, longest_decision;
	char text[DECISION_TEXT_MAX];

	for (unsigned int code = 0; code < OPS_COUNT; code++) {
		struct op op = { .code = (uint8_t)code };
		char line[OP_TEXT_MAX];
		size_t length;

		for (unsigned int i = 0; i < op_rows[code].nr_arguments; i++) {
			enum operand operand = op_rows[code].argument[i].operand;
			char choice[64];
			size_t widest = 0;

			op.argument[i] = UINT64_MAX;
			for (uint64_t c = 0;
			     operand_rows[operand].form == OPERAND_FORM_CHOICE && c < operand_choices(operand); c++) {
				size_t width = strlen(choices_name(operand_rows[operand].choices, (unsigned int)c,
								   choice, sizeof(choice)));

				if (width > widest)
					op.argument[i] = c;
				widest = width > widest ? width : widest;
			}
		}
		op_reduce(&op);
		length = op_format(&op, line);
		longest = length > longest ? length : longest;
	}
	printf("longest line: %zu\n", longest);
	CHECK(longest < OP_TEXT_MAX);
	/* A whole program of them, its schedule in decisions of three bytes each, the header. */
	longest_decision = decision_format(&widest_decision, text);
	CHECK((size_t)PROGRAM_OPS_MAX * (longest + 3) +
		      PROGRAM_SCHEDULE_MAX / DECISION_BYTES_MIN * (longest_decision + 3) + 4096 <=
	      PROGRAM_TEXT_MAX);
}

/* Words that begin a section are no operations. */
static void sections_are_told_from_operations(void)
{
	static const char *const words[] = { "mmut", "found", "machine", "vm", "setup", "thread", "schedule" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (unsigned int code = 0; code < OPS_COUNT; code++)
			CHECK(strcmp(words[i], op_rows[code].name));
	}
}

int main(void)
{
	RUN(what_people_mail_is_what_is_printed);
	RUN(authors_may_write_it_in_other_ways);
	RUN(what_quotes_cannot_hold_is_printed_as_something_else);
	RUN(each_mistake_gets_its_line);
	RUN(too_much_is_an_error);
	RUN(the_longest_line_fits);
	RUN(sections_are_told_from_operations);
	return 0;
}
