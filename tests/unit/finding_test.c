// SPDX-License-Identifier: GPL-2.0-only
/* finding_test.c - how findings read, that equal ones are told once, and what the JSON holds. */
#include <cjson/cJSON.h>
#include <string.h>

#include "harness/finding/finding.h"
#include "tests/unit/check.h"

static struct finding copy;
static const struct finding *last;

static bool remember(void *context, const struct finding *finding)
{
	unsigned int *kinds = context;

	copy = *finding; /* the visitor's is gone when it returns */
	last = &copy;
	(*kinds)++;
	return true;
}

static unsigned int kinds(void)
{
	unsigned int count = 0;

	finding_for_each(remember, &count);
	return count;
}

/* Not inlined: its name has to stand in the stack. */
static __attribute__((noinline)) void tells_what_and_how(void)
{
	finding_violation(INV_G4, "gfn %#x, level %d", 0x1234, 2);
	CHECK(kinds() == 1 && last->class == FINDING_INVARIANT && last->count == 1);
	CHECK(strncmp(last->text, "ASSERTION FAILED: mmu-invariant: G4\n", 36) == 0);
	CHECK(strstr(last->text, invariant(INV_G4)->statement));
	CHECK(strstr(last->text, invariant(INV_G4)->source));
	CHECK(strstr(last->text, "gfn 0x1234, level 2\n"));
	CHECK(strstr(last->text, "core kvm (Linux 0.0), scenario none, seed 0x2a"));
	CHECK(strstr(last->text, "mmutorture stress --seed 42\n"));
	CHECK(strstr(last->text, "tells_what_and_how+0x"));
	finding_reset();
}

static void equal_ones_are_counted(void)
{
	for (int i = 0; i < 3; i++)
		finding_violation(INV_Z8, "time %d", i);
	finding_violation(INV_Z1, "once");
	CHECK(kinds() == 2 && finding_count() == 4);
	CHECK(finding_count_of(INV_Z8) == 3 && finding_count_of(INV_Z1) == 1 && finding_count_of(INV_Z2) == 0);
	finding_reset();
	CHECK(!finding_any() && finding_count() == 0 && finding_count_of(INV_Z8) == 0);
}

static void checks_are_counted(void)
{
	EXPECT(H1, 1 == 1, "never told");
	EXPECT(H1, 1 == 2, "told");
	CHECK(invariant_checks(INV_H1) == 2 && invariant_failures(INV_H1) == 1);
	finding_reset();
	CHECK(invariant_checks(INV_H1) == 0);
}

static void the_cores_reports_have_classes(void)
{
	struct host_report warn = {
		.class = HOST_REPORT_WARN, .file = "/x/arch/x86/kvm/mmu/mmu.c", .line = 7, .text = "w"
	};
	struct host_report rank = { .class = HOST_REPORT_LOCKDEP,
				    .text = "mmu_lock (rank 3) taken while holding rank 4" };

	finding_core_report(&warn);
	CHECK(kinds() == 1 && last->class == FINDING_WARN && strcmp(last->id, "arch/x86/kvm/mmu/mmu.c:7") == 0);
	CHECK(strncmp(last->text, "ASSERTION FAILED: kernel-warn: arch/x86/kvm/mmu/mmu.c:7\n", 55) == 0);
	finding_core_report(&rank);
	CHECK(kinds() == 2 && last->class == FINDING_LOCKDEP && strcmp(last->id, "L3") == 0);
	finding_reset();
}

static void exports_json(void)
{
	cJSON *list, *one;

	finding_violation(INV_P7, "value");
	finding_violation(INV_P7, "value");
	list = finding_export();
	CHECK(cJSON_GetArraySize(list) == 1);
	one = cJSON_GetArrayItem(list, 0);
	CHECK(strcmp(cJSON_GetObjectItem(one, "class")->valuestring, "mmu-invariant") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(one, "id")->valuestring, "P7") == 0);
	CHECK(cJSON_GetObjectItem(one, "count")->valueint == 2);
	CHECK(strstr(cJSON_GetObjectItem(one, "text")->valuestring, "ASSERTION FAILED"));
	cJSON_Delete(list);
	finding_reset();
}

int main(void)
{
	const struct host_config config = { .seed = 42 };
	const struct finding_run run = {
		.seed = 42,
		.core = "kvm",
		.version = "Linux 0.0",
		.scenario = "none",
		.command_line = "mmutorture stress --seed 42",
	};

	CHECK(host_init(&config) == 0);
	finding_set_run(&run);
	finding_set_printing(-1, 0);
	RUN(tells_what_and_how);
	RUN(equal_ones_are_counted);
	RUN(checks_are_counted);
	RUN(the_cores_reports_have_classes);
	RUN(exports_json);
	return 0;
}
