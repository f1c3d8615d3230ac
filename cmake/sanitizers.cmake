# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_sanitizers(TARGET SANITIZER...) - puts sanitizers on an INTERFACE target, and refuses what cannot be.

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
