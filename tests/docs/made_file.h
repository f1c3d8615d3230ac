/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * made_file.h - a document that a program makes: written on request, else compared with what is there.
 */
#ifndef TESTS_DOCS_MADE_FILE_H
#define TESTS_DOCS_MADE_FILE_H

#include <stdio.h>

/*
 * The whole of main(): PROGRAM FILE compares, exit code 1 if FILE is not what @make writes; PROGRAM --write FILE writes
 * it.  @from: the table that the document follows from, for the message.
 */
int made_file_main(int argc, char *argv[], const char *from, void (*make)(FILE *stream));

#endif
