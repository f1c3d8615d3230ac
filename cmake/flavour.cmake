# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_add_flavour(NAME) - the INTERFACE target mmutorture::flavour carries every flag that a flavour changes.
#
# Everything that is linked into the program, the kernel's files included, is compiled with it.  What must differ
# between the kernel's files and ours stands in own_code.cmake and kernel_core.cmake.  Linked without PIE: the arena and
# the hva space have fixed places (mmu_core/host.h) and the kernel's code model is small.

include(sanitizers)

function(mmutorture_add_flavour name)
	if(CMAKE_C_FLAGS MATCHES "-fsanitize|-fprofile|-O[0-9sz]")
		message(FATAL_ERROR "CMAKE_C_FLAGS ('${CMAKE_C_FLAGS}') contradicts the flavour '${name}', which sets "
			"sanitizers and optimisation itself: choose another flavour (-DMMUTORTURE_FLAVOUR=...)")
	endif()
	if(CMAKE_BUILD_TYPE)
		message(FATAL_ERROR "CMAKE_BUILD_TYPE ('${CMAKE_BUILD_TYPE}') has no meaning here: choose a flavour "
			"(-DMMUTORTURE_FLAVOUR=dev|release|asan|tsan|coverage)")
	endif()

	add_library(mmutorture_flavour INTERFACE)
	add_library(mmutorture::flavour ALIAS mmutorture_flavour)
	target_compile_options(mmutorture_flavour INTERFACE -g -fno-pie -fno-pic)
	target_link_options(mmutorture_flavour INTERFACE -no-pie)

	if(name STREQUAL "dev")
		target_compile_options(mmutorture_flavour INTERFACE -O1)
	elseif(name STREQUAL "release")
		target_compile_options(mmutorture_flavour INTERFACE -O2)
	elseif(name STREQUAL "asan")
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		mmutorture_sanitizers(mmutorture_flavour address undefined)
		# The kernel calls through one no-op of many types (static calls), and callbacks cross between the two
		# worlds under types that have the same layout and different names (callback_head, host_rcu_head).
		target_compile_options(mmutorture_flavour INTERFACE -fno-sanitize=function)
	elseif(name STREQUAL "tsan")
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		mmutorture_sanitizers(mmutorture_flavour thread)
	elseif(name STREQUAL "coverage")
		# The kernel's files alone are measured; kernel_core.cmake adds -fcoverage-mapping to them.
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		target_link_options(mmutorture_flavour INTERFACE -fprofile-instr-generate)
	else()
		message(FATAL_ERROR "MMUTORTURE_FLAVOUR '${name}' is none of dev, release, asan, tsan, coverage")
	endif()
endfunction()
