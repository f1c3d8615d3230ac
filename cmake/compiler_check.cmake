# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_compiler_check() - clang 17 or later, or an error that says what to do.
#
# One compiler for everything: the kernel's files, our own and the sanitizers' runtimes have to agree, and Linux 7.x
# refuses clang below 17.0.1.

function(mmutorture_compiler_check)
	if(CMAKE_C_COMPILER_ID STREQUAL "Clang" AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 17.0.1)
		return()
	endif()
	message(FATAL_ERROR "mmutorture needs clang >= 17.0.1, not ${CMAKE_C_COMPILER_ID} "
		"${CMAKE_C_COMPILER_VERSION}.  Run 'ci/install-dependencies' and configure with a preset "
		"('cmake --preset dev'), or with -DCMAKE_C_COMPILER=clang-19 in a fresh build directory")
endfunction()
