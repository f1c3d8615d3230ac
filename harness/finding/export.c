// SPDX-License-Identifier: GPL-2.0-only
/* export.c - the list of findings, and how often each rule was looked at, as JSON. */
#include <cjson/cJSON.h>

#include "harness/finding/finding.h"

static bool export_one(void *list, const struct finding *finding)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "class", finding_class_name(finding->class));
	cJSON_AddStringToObject(object, "id", finding->id);
	cJSON_AddNumberToObject(object, "count", (double)finding->count);
	if (finding->known)
		cJSON_AddStringToObject(object, "known", finding->known);
	cJSON_AddStringToObject(object, "text", finding->text ? finding->text : "");
	cJSON_AddItemToArray(list, object);
	return true;
}

struct cJSON *invariant_export(void)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int id = 0; id < INVARIANTS; id++) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "id", invariant(id)->id);
		cJSON_AddNumberToObject(row, "checks", (double)invariant_checks(id));
		cJSON_AddNumberToObject(row, "failures", (double)invariant_failures(id));
		cJSON_AddItemToArray(list, row);
	}
	return list;
}

struct cJSON *finding_export(void)
{
	cJSON *list = cJSON_CreateArray();

	finding_for_each(export_one, list);
	return list;
}
