# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_sanitizers(TARGET SANITIZER...) - puts sanitizers on an INTERFACE target, and refuses what cannot be.
#
# mmutorture_unseen_by_tsan(TARGET FILE...) - sources of TARGET that ThreadSanitizer does not instrument.  Only for what
# has no race to show, because the world is stopped or nobody knows the memory yet, and is slow to look at; never for a
# file of the kernel.

include(CheckCSourceCompiles)

function(mmutorture_sanitizers target)
	if("thread" IN_LIST ARGN AND "address" IN_LIST ARGN)
		message(FATAL_ERROR "sanitizers: 'thread' and 'address' exclude each other")
	endif()
	list(JOIN ARGN "," names)
	set(flag "-fsanitize=${names}")

	string(MAKE_C_IDENTIFIER "mmutorture_has_${names}" variable)
	set(CMAKE_REQUIRED_FLAGS "${flag}")
	check_c_source_compiles("int main(void) { return 0; }" ${variable})
	if(NOT ${variable})
		message(FATAL_ERROR "sanitizers: ${CMAKE_C_COMPILER} cannot build with ${flag}.  Its runtime is in "
			"Debian's libclang-rt-19-dev: run 'ci/install-dependencies'")
	endif()

	target_compile_options(${target} INTERFACE ${flag} -fno-omit-frame-pointer)
	target_link_options(${target} INTERFACE ${flag})
endfunction()

function(mmutorture_unseen_by_tsan target)
	if(NOT MMUTORTURE_FLAVOUR STREQUAL "tsan")
		return()
	endif()
	foreach(file IN LISTS ARGN)
		cmake_path(ABSOLUTE_PATH file)
		set_source_files_properties("${file}" TARGET_DIRECTORY ${target}
			PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)
	endforeach()
endfunction()
