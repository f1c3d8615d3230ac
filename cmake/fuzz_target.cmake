# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_fuzz_target(NAME RUNS number) - the fuzz target NAME (fuzzers/NAME.c) for the engine of the flavour.
#
#     libfuzzer   NAME is a libFuzzer binary
#     afl         NAME is for afl-fuzz, and NAME-mutator.so is its custom mutator
#     none        NAME replays files and mutates blindly; a smoke test runs the seeds and RUNS mutations of them
#
# The common part is compiled once for each target, because what a target allows is a symbol of its file.
# One thread and a scheduler that follows from the seed (mmu_host_fibres): the same input does the same.

set(MMUTORTURE_FUZZ_COMMON differential.c fields.c input.c interleave.c process.c restrict.c)
set(MMUTORTURE_FUZZ_ENTRY_libfuzzer libfuzzer.c)
set(MMUTORTURE_FUZZ_ENTRY_afl afl.c)
set(MMUTORTURE_FUZZ_ENTRY_ replay.c)

function(mmutorture_fuzz_target name)
	cmake_parse_arguments(PARSE_ARGV 1 fuzz "" "RUNS" "")
	if(fuzz_UNPARSED_ARGUMENTS OR NOT fuzz_RUNS)
		message(FATAL_ERROR "mmutorture_fuzz_target(${name}): RUNS number")
	endif()
	set(common ${MMUTORTURE_FUZZ_COMMON} ${MMUTORTURE_FUZZ_ENTRY_${MMUTORTURE_FUZZ_ENGINE}})
	list(TRANSFORM common PREPEND "common/")
	string(REPLACE "fuzz_" "" short ${name})
	set(seeds "${PROJECT_SOURCE_DIR}/corpora/${short}")
	if(NOT EXISTS "${seeds}")
		message(FATAL_ERROR "mmutorture_fuzz_target(${name}): no seeds in ${seeds}")
	endif()

	add_executable(${name} ${name}.c ${common})
	mmutorture_own_code(${name})
	target_compile_definitions(${name} PRIVATE MMUTORTURE_FLAVOUR="${MMUTORTURE_FLAVOUR}")
	target_link_libraries(${name} PRIVATE mmutorture_harness mmutorture_cores mmutorture_host)
	target_link_options(${name} PRIVATE -Wl,--wrap=_exit)
	set_target_properties(${name} PROPERTIES HOST_FIBRES ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzzers")

	if(MMUTORTURE_FUZZ_ENGINE STREQUAL "libfuzzer")
		target_link_libraries(${name} PRIVATE ${MMUTORTURE_FUZZ_LINK})
		if(MMUTORTURE_FLAVOUR STREQUAL "oss-fuzz")
			set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
		endif()
		# libFuzzer writes what it finds into the first directory.
		set(found "${CMAKE_CURRENT_BINARY_DIR}/${name}-found")
		file(MAKE_DIRECTORY "${found}")
		mmutorture_add_test(smoke_${name} LABEL smoke TIMEOUT 300
			COMMAND ${name} -seed=1 -runs=${fuzz_RUNS} -artifact_prefix=${found}/ "${found}" "${seeds}")
	elseif(MMUTORTURE_FUZZ_ENGINE STREQUAL "afl")
		target_link_libraries(${name} PRIVATE "${AFL_RUNTIME}")
		mmutorture_afl_mutator(${name})
	else()
		mmutorture_add_test(smoke_${name} LABEL smoke TIMEOUT 300
			COMMAND ${name} --seed 1 --runs ${fuzz_RUNS} "${seeds}")
	endif()
endfunction()

# A shared object of the program language and what the target allows; nothing of the core.
function(mmutorture_afl_mutator name)
	file(GLOB program CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/harness/program/*.c")
	list(FILTER program EXCLUDE REGEX "/layout[^/]*$")
	add_library(${name}-mutator MODULE ${name}.c common/afl_mutator.c common/afl_trim.c common/fields.c
		common/input.c common/restrict.c ${program})
	target_compile_options(${name}-mutator PRIVATE -O2 -g -fPIC)
	target_compile_definitions(${name}-mutator PRIVATE _GNU_SOURCE)
	target_include_directories(${name}-mutator PRIVATE "${PROJECT_SOURCE_DIR}")
	target_link_libraries(${name}-mutator PRIVATE mmutorture_port)
	mmutorture_warnings(${name}-mutator)
	set_target_properties(${name}-mutator PROPERTIES PREFIX ""
		LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzzers")
endfunction()
