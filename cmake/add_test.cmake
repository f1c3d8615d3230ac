# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_add_test(NAME LABEL label TIMEOUT seconds COMMAND command...) - a ctest; exit code 77 means skipped.
# mmutorture_add_program_test(NAME [FIBRES] LABEL label TIMEOUT seconds SOURCES file... [LIBRARIES target...]
#     [ARGUMENTS argument...]) - the same for a C program built from SOURCES; FIBRES: on the deterministic host.
# mmutorture_read_names(VARIABLE FILE MACRO) - the first argument of each row MACRO(name, ...) of a .def table.
#
# Labels of a push: unit property litmus replay smoke canary saboteur bench recipes.  Of the night: stress long.

set(MMUTORTURE_TEST_LABELS unit property litmus replay smoke canary saboteur bench recipes stress long)

function(mmutorture_add_test name)
	cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL;TIMEOUT" "COMMAND")
	if(test_UNPARSED_ARGUMENTS OR NOT test_COMMAND OR NOT test_TIMEOUT)
		message(FATAL_ERROR "mmutorture_add_test(${name}): LABEL label TIMEOUT seconds COMMAND command...")
	endif()
	if(NOT test_LABEL IN_LIST MMUTORTURE_TEST_LABELS)
		message(FATAL_ERROR "mmutorture_add_test(${name}): label '${test_LABEL}' is none of "
			"${MMUTORTURE_TEST_LABELS}")
	endif()
	add_test(NAME ${name} COMMAND ${test_COMMAND})
	set_tests_properties(${name} PROPERTIES LABELS ${test_LABEL} TIMEOUT ${test_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()

function(mmutorture_add_program_test name)
	cmake_parse_arguments(PARSE_ARGV 1 test "FIBRES" "LABEL;TIMEOUT" "SOURCES;LIBRARIES;ARGUMENTS")
	if(test_UNPARSED_ARGUMENTS OR NOT test_SOURCES)
		message(FATAL_ERROR "mmutorture_add_program_test(${name}): [FIBRES] LABEL label TIMEOUT seconds "
			"SOURCES file... [LIBRARIES target...] [ARGUMENTS argument...]")
	endif()
	add_executable(${name} ${test_SOURCES})
	mmutorture_own_code(${name})
	target_link_libraries(${name} PRIVATE ${test_LIBRARIES})
	set_target_properties(${name} PROPERTIES HOST_FIBRES ${test_FIBRES})
	mmutorture_add_test(${name} LABEL ${test_LABEL} TIMEOUT ${test_TIMEOUT} COMMAND ${name} ${test_ARGUMENTS})
endfunction()

function(mmutorture_read_names variable file macro)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
	file(STRINGS "${file}" rows REGEX "^${macro}\\(")
	list(TRANSFORM rows REPLACE "^${macro}\\(([A-Za-z0-9_]+),.*" "\\1")
	set(${variable} ${rows} PARENT_SCOPE)
endfunction()
