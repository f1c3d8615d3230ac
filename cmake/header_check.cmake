# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_header_check(NAME HEADERS header... [LIBRARIES target...]) - compiles each header alone, in host world.
#
# A header that leans on what its includer happened to include before does not build.  LIBRARIES give include paths.

function(mmutorture_header_check name)
	cmake_parse_arguments(PARSE_ARGV 1 check "" "" "HEADERS;LIBRARIES")
	if(check_UNPARSED_ARGUMENTS OR NOT check_HEADERS)
		message(FATAL_ERROR "mmutorture_header_check(${name}): HEADERS header... [LIBRARIES target...]")
	endif()

	set(sources)
	foreach(header IN LISTS check_HEADERS)
		cmake_path(ABSOLUTE_PATH header)
		cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE relative)
		string(MAKE_C_IDENTIFIER "${relative}" unit)
		set(source "${CMAKE_CURRENT_BINARY_DIR}/header_check/${unit}.c")
		file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
		list(APPEND sources "${source}")
	endforeach()

	add_library(${name} OBJECT ${sources})
	mmutorture_own_code(${name})
	target_link_libraries(${name} PRIVATE ${check_LIBRARIES})
endfunction()
