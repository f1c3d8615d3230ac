// SPDX-License-Identifier: GPL-2.0-only
/* json_file.c - see json_file.h. */
#include "harness/finding/json_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	bool written;

	if (!file)
		return -errno;
	written = fputs(text, file) >= 0 && fputc('\n', file) >= 0;
	written = !fclose(file) && written;
	return written ? 0 : -EIO;
}

int json_file_write(const char *path, struct cJSON *object)
{
	char *text = cJSON_Print(object), beside[PATH_MAX];
	int error = -ENOMEM;

	cJSON_Delete(object);
	if (!text)
		return error;
	if (snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid()) >= (int)sizeof(beside)) {
		error = -ENAMETOOLONG;
	} else {
		error = write_text(beside, text);
		if (!error && rename(beside, path))
			error = -errno;
		if (error)
			unlink(beside);
	}
	free(text);
	return error;
}
