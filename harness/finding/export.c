// SPDX-License-Identifier: GPL-2.0-only
/* export.c - the list of findings as JSON. */
#include <cjson/cJSON.h>

#include "harness/finding/finding.h"

static bool export_one(void *list, const struct finding *finding)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "class", finding_class_name(finding->class));
	cJSON_AddStringToObject(object, "id", finding->id);
	cJSON_AddNumberToObject(object, "count", (double)finding->count);
	cJSON_AddStringToObject(object, "text", finding->text ? finding->text : "");
	cJSON_AddItemToArray(list, object);
	return true;
}

struct cJSON *finding_export(void)
{
	cJSON *list = cJSON_CreateArray();

	finding_for_each(export_one, list);
	return list;
}
