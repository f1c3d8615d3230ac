/* SPDX-License-Identifier: GPL-2.0-only */
/* json_file.h - writes JSON so that the file is there whole, or not at all. */
#ifndef HARNESS_FINDING_JSON_FILE_H
#define HARNESS_FINDING_JSON_FILE_H

struct cJSON;

/* Beside @path, then renamed; frees @object.  0 or -errno. */
int json_file_write(const char *path, struct cJSON *object);

#endif
