// SPDX-License-Identifier: GPL-2.0-only
/* race_report.c - a race as people read it: both CPUs as lanes, time downwards, the swap marked, and the stacks. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/race.h"
#include "cli/race_spans.h"
#include "cli/source_lines.h"
#include "harness/schedule/compare.h"

#define BEFORE 10 /* points of these CPUs that are shown in front of the pair */
#define BEHIND 8
#define LANE 72 /* columns */

struct lanes {
	uint64_t index[BEFORE + BEHIND + 64]; /* in the record */
	size_t count;
};

static bool is_of(const struct race *race, const struct schedule_point *point)
{
	return point->cpu == race->first.cpu || point->cpu == race->second.cpu;
}

/* From BEFORE points in front of the earlier one on; a long stretch between the two is cut in its middle. */
static void choose(const struct race *race, const struct schedule_record *record, struct lanes *lanes)
{
	uint64_t from = race->first.index < race->second.index ? race->first.index : race->second.index;
	uint64_t to = race->first.index > race->second.index ? race->first.index : race->second.index;
	unsigned int behind = 0;

	for (unsigned int before = 0; from && before < BEFORE;)
		before += is_of(race, &record->points[--from]);
	lanes->count = 0;
	for (uint64_t i = from; i < record->nr_points && i < SCHEDULE_POINTS_KEPT && behind < BEHIND; i++) {
		bool near_pair = i >= to || to - i < BEHIND || i < from + BEFORE + BEHIND;

		behind += i > to && is_of(race, &record->points[i]);
		if (is_of(race, &record->points[i]) && near_pair &&
		    lanes->count < sizeof(lanes->index) / sizeof(lanes->index[0]))
			lanes->index[lanes->count++] = i;
	}
}

static struct source_line *lines_of_points(const struct lanes *lanes, const struct schedule_record *record)
{
	struct source_line *lines = calloc(lanes->count + 1, sizeof(*lines));
	uintptr_t *sites = calloc(lanes->count + 1, sizeof(*sites));

	HOST_ASSERT(lines && sites);
	for (size_t i = 0; i < lanes->count; i++)
		sites[i] = record->points[lanes->index[i]].site;
	source_lines(sites, lanes->count, lines);
	free(sites);
	return lines;
}

/* Innermost first; what has been returned to is one instruction behind the call. */
static struct source_line *lines_of_stack(const struct race_stack *stack)
{
	struct source_line *lines = calloc(RACE_FRAMES, sizeof(*lines));
	uintptr_t addresses[RACE_FRAMES];

	HOST_ASSERT(lines);
	for (unsigned int i = 0; i < stack->count; i++)
		addresses[i] = (uintptr_t)stack->address[i] - 1;
	source_lines(addresses, stack->count, lines);
	return lines;
}

/* The scheduler's own frames, and those of whoever runs the streams, say nothing. */
static bool is_of_interest(const struct source_line *line)
{
	static const char *const ours[] = { "host/", "fibres/", "schedule/", "cli/", "run/", "shim/", "world/" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!strncmp(line->place, ours[i], strlen(ours[i])))
			return false;
	}
	return *line->place && *line->function != '?';
}

static void print_stack(const char *which, unsigned int cpu, const struct race_stack *stack, FILE *stream)
{
	struct source_line *lines = lines_of_stack(stack);
	char name[DECISION_CPU_TEXT_MAX];

	fprintf(stream, "%s, CPU %s:\n", which, decision_cpu_name(cpu, name));
	for (unsigned int i = 0; i < stack->count; i++) {
		if (is_of_interest(&lines[i]))
			fprintf(stream, "    %-36s %s\n", lines[i].function, lines[i].place);
	}
	free(lines);
}

static void print_point(const struct race *race, const struct schedule_record *record, uint64_t index,
			const struct source_line *line, FILE *stream)
{
	const struct schedule_point *point = &record->points[index];
	const char *lock = schedule_lock_name(record, point->object);
	bool marked = index == race->first.index || index == race->second.index;
	char number[16], text[256];

	snprintf(number, sizeof(number), "#%" PRIu32, point->object);
	snprintf(text, sizeof(text), "%s %s %s %s", schedule_kind_name(point->kind), lock ? lock : number,
		 line->function, line->place);
	if (point->cpu == race->second.cpu)
		fprintf(stream, "%c%7" PRIu64 "  %-*s  |\n", marked ? '>' : ' ', index, LANE, text);
	else
		fprintf(stream, "%c%7" PRIu64 "  %*s  | %s\n", marked ? '>' : ' ', index, LANE, "", text);
}

void race_print(const struct race *race, const struct schedule_record *record, FILE *stream)
{
	char one[DECISION_CPU_TEXT_MAX], other[DECISION_CPU_TEXT_MAX];
	struct source_line *lines;
	struct lanes lanes;

	choose(race, record, &lanes);
	lines = lines_of_points(&lanes, record);
	fprintf(stream, "the swap: shown when %s's operation comes first, not shown when %s's does (marked >)\n\n",
		decision_cpu_name(race->first.cpu, one), decision_cpu_name(race->second.cpu, other));
	fprintf(stream, "   point  %-*s  | %s\n", LANE, other, one);
	for (size_t i = 0; i < lanes.count; i++) {
		if (i && lanes.index[i] > lanes.index[i - 1] + 64)
			fprintf(stream, "     ...\n");
		print_point(race, record, lanes.index[i], &lines[i], stream);
	}
	fputc('\n', stream);
	free(lines);
	print_stack("first", race->first.cpu, &race->first.stack, stream);
	print_stack("second", race->second.cpu, &race->second.stack, stream);
}

/* ------------------------------------------------------------------------------------------------------------- JSON */

static struct cJSON *export_stack(const struct race_stack *stack)
{
	struct source_line *lines = lines_of_stack(stack);
	struct cJSON *frames = cJSON_CreateArray();

	for (unsigned int i = 0; i < stack->count; i++) {
		struct cJSON *frame = cJSON_CreateObject();

		if (!is_of_interest(&lines[i])) {
			cJSON_Delete(frame);
			continue;
		}
		cJSON_AddStringToObject(frame, "function", lines[i].function);
		cJSON_AddStringToObject(frame, "place", lines[i].place);
		cJSON_AddItemToArray(frames, frame);
	}
	free(lines);
	return frames;
}

static void export_object(struct cJSON *json, const struct schedule_record *record, uint32_t object)
{
	const char *lock = schedule_lock_name(record, object);

	cJSON_AddNumberToObject(json, "object", object);
	if (lock)
		cJSON_AddStringToObject(json, "name", lock);
}

static struct cJSON *export_point(const struct schedule_record *record, uint64_t index, const struct source_line *line)
{
	const struct schedule_point *point = &record->points[index];
	struct cJSON *object = cJSON_CreateObject();
	char cpu[DECISION_CPU_TEXT_MAX];

	cJSON_AddNumberToObject(object, "point", (double)index);
	cJSON_AddStringToObject(object, "cpu", decision_cpu_name(point->cpu, cpu));
	cJSON_AddStringToObject(object, "kind", schedule_kind_name(point->kind));
	export_object(object, record, point->object);
	cJSON_AddStringToObject(object, "function", line->function);
	cJSON_AddStringToObject(object, "place", line->place);
	return object;
}

/* What the two CPUs hold at the points that are shown, also what they have taken long before. */
static void export_spans(const struct race *race, const struct schedule_record *record, const struct lanes *lanes,
			 struct cJSON *list)
{
	const uint8_t cpus[] = { race->first.cpu, race->second.cpu };
	static struct race_span spans[RACE_SPANS_MAX];
	char cpu[DECISION_CPU_TEXT_MAX];

	for (size_t i = 0; lanes->count && i < 2; i++) {
		size_t count = race_spans(record, cpus[i], lanes->index[0], lanes->index[lanes->count - 1], spans);

		for (size_t j = 0; j < count; j++) {
			struct cJSON *span = cJSON_CreateObject();

			cJSON_AddStringToObject(span, "cpu", decision_cpu_name(cpus[i], cpu));
			cJSON_AddStringToObject(span, "kind", schedule_kind_name(spans[j].kind));
			export_object(span, record, spans[j].object);
			cJSON_AddNumberToObject(span, "begin", (double)spans[j].begin);
			if (spans[j].end != RACE_SPAN_OPEN)
				cJSON_AddNumberToObject(span, "end", (double)spans[j].end);
			cJSON_AddItemToArray(list, span);
		}
	}
}

struct cJSON *race_export(const struct race *race, const struct schedule_record *record)
{
	struct cJSON *object = cJSON_CreateObject(), *points = cJSON_AddArrayToObject(object, "points");
	struct source_line *lines;
	struct lanes lanes;

	choose(race, record, &lanes);
	export_spans(race, record, &lanes, cJSON_AddArrayToObject(object, "spans"));
	lines = lines_of_points(&lanes, record);
	for (size_t i = 0; i < lanes.count; i++)
		cJSON_AddItemToArray(points, export_point(record, lanes.index[i], &lines[i]));
	free(lines);
	cJSON_AddNumberToObject(object, "first", (double)race->first.index);
	cJSON_AddNumberToObject(object, "second", (double)race->second.index);
	cJSON_AddItemToObject(object, "first_stack", export_stack(&race->first.stack));
	cJSON_AddItemToObject(object, "second_stack", export_stack(&race->second.stack));
	return object;
}
