# SPDX-License-Identifier: GPL-2.0-only
#
# Programs as text and bytes: what a text means, what is said about a wrong one, and the parts of a program; the
# smallest one that still shows something.

foreach(subject text parts layout)
	mmutorture_add_program_test(unit_program_${subject} LABEL unit TIMEOUT 20 SOURCES program_${subject}_test.c
		LIBRARIES mmutorture_harness mmutorture_host)
endforeach()
mmutorture_add_program_test(unit_minimize LABEL unit TIMEOUT 60 SOURCES minimize_test.c
	LIBRARIES mmutorture_harness mmutorture_host)

# Policies; as in host.cmake, what runs in turn shares memory without locks.
if(NOT MMUTORTURE_FLAVOUR STREQUAL "tsan")
	mmutorture_add_program_test(unit_schedule FIBRES LABEL unit TIMEOUT 60 SOURCES schedule_test.c
		LIBRARIES mmutorture_harness mmutorture_host)
endif()

# What `mmutorture diff` makes of what it has seen.
mmutorture_add_program_test(unit_compare LABEL unit TIMEOUT 10 SOURCES compare_test.c
	LIBRARIES mmutorture_harness mmu_host)

# What `mmutorture minimize` says that the CPUs of a race held.
mmutorture_add_program_test(unit_race_spans LABEL unit TIMEOUT 10
	SOURCES race_spans_test.c ${PROJECT_SOURCE_DIR}/cli/race_spans.c LIBRARIES mmutorture_harness mmutorture_host)
