# SPDX-License-Identifier: GPL-2.0-only
#
# Findings and the independent reading of entries.

mmutorture_add_program_test(unit_finding LABEL unit TIMEOUT 20 SOURCES finding_test.c
	LIBRARIES mmutorture_harness mmutorture_host)
mmutorture_add_program_test(unit_format LABEL unit TIMEOUT 10 SOURCES format_test.c
	LIBRARIES mmutorture_harness mmutorture_host)
