# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_add_flavour(NAME) - the INTERFACE target mmutorture::flavour carries every flag that a flavour changes.
#
# Sets in the caller's scope:
#     MMUTORTURE_SANITIZERS     address undefined, thread, or none
#     MMUTORTURE_FUZZ_ENGINE    libfuzzer, afl, or none: what the fuzz targets are for (cmake/fuzz_target.cmake)
#     MMUTORTURE_FUZZ_LINK      what a libfuzzer target is linked with
#     MMUTORTURE_KVM_COVERAGE   flags for the kernel's KVM files alone: what fuzzers are to cover is the MMU, not us
#
# Everything that is linked into the program, the kernel's files included, is compiled with it.  What must differ
# between the kernel's files and ours stands in own_code.cmake and kernel_core.cmake.  Linked without PIE: the arena and
# the hva space have fixed places (mmu_core/host.h) and the kernel's code model is small.

# oss-fuzz is the fuzz flavour as OSS-Fuzz wants it built (ci/oss-fuzz/build.sh): its compilers with its $CFLAGS, of
# which CMAKE_C_FLAGS is made, name the sanitizer, and its $LIB_FUZZING_ENGINE is linked with its $CXX.

include(sanitizers)

option(MMUTORTURE_PLAIN_POINTS "dev: plain accesses of KVM are scheduling points, too (docs/REPLAY.md)" OFF)

function(mmutorture_add_flavour name)
	if(CMAKE_C_FLAGS MATCHES "-fsanitize|-fprofile|-O[0-9sz]" AND NOT name STREQUAL "oss-fuzz")
		message(FATAL_ERROR "CMAKE_C_FLAGS ('${CMAKE_C_FLAGS}') contradicts the flavour '${name}', which sets "
			"sanitizers and optimisation itself: choose another flavour (-DMMUTORTURE_FLAVOUR=...)")
	endif()
	if(CMAKE_BUILD_TYPE)
		message(FATAL_ERROR "CMAKE_BUILD_TYPE ('${CMAKE_BUILD_TYPE}') has no meaning here: choose a flavour "
			"(-DMMUTORTURE_FLAVOUR=dev|release|asan|tsan|coverage|fuzz|afl|afl-cmplog|oss-fuzz)")
	endif()
	set(MMUTORTURE_SANITIZERS)
	set(MMUTORTURE_FUZZ_ENGINE)
	set(MMUTORTURE_FUZZ_LINK -fsanitize=fuzzer)
	set(kvm_coverage -fsanitize-coverage=inline-8bit-counters,pc-table,indirect-calls)
	set(MMUTORTURE_KVM_COVERAGE)

	add_library(mmutorture_flavour INTERFACE)
	add_library(mmutorture::flavour ALIAS mmutorture_flavour)
	target_compile_options(mmutorture_flavour INTERFACE -g -fno-pie -fno-pic)
	target_link_options(mmutorture_flavour INTERFACE -no-pie)

	if(name STREQUAL "dev")
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		if(MMUTORTURE_PLAIN_POINTS)
			# "func" asks for nothing by itself; without it clang takes the other two for a mistake.
			set(MMUTORTURE_KVM_COVERAGE -fsanitize-coverage=func,trace-loads,trace-stores)
		endif()
	elseif(name STREQUAL "release")
		target_compile_options(mmutorture_flavour INTERFACE -O2)
	elseif(name STREQUAL "asan" OR name STREQUAL "fuzz")
		target_compile_options(mmutorture_flavour INTERFACE $<IF:$<STREQUAL:${name},fuzz>,-O2,-O1>)
		set(MMUTORTURE_SANITIZERS address undefined)
		if(name STREQUAL "fuzz")
			set(MMUTORTURE_FUZZ_ENGINE libfuzzer)
			set(MMUTORTURE_KVM_COVERAGE ${kvm_coverage})
		endif()
	elseif(name STREQUAL "oss-fuzz")
		set(OSS_FUZZ_SANITIZER "$ENV{SANITIZER}" CACHE STRING "address or undefined, as $CFLAGS says")
		set(OSS_FUZZ_ENGINE "$ENV{LIB_FUZZING_ENGINE}" CACHE STRING "what fuzz targets are linked with")
		set(MMUTORTURE_SANITIZERS ${OSS_FUZZ_SANITIZER})
		set(MMUTORTURE_FUZZ_LINK ${OSS_FUZZ_ENGINE})
		if(NOT MMUTORTURE_SANITIZERS MATCHES "^(address|undefined)$" OR NOT MMUTORTURE_FUZZ_LINK)
			message(FATAL_ERROR "oss-fuzz: SANITIZER is '${MMUTORTURE_SANITIZERS}', LIB_FUZZING_ENGINE "
				"'${MMUTORTURE_FUZZ_LINK}': ci/oss-fuzz/build.sh wants both of OSS-Fuzz, or of "
				"ci/oss-fuzz/check")
		endif()
		set(MMUTORTURE_FUZZ_ENGINE libfuzzer)
		set(MMUTORTURE_KVM_COVERAGE ${kvm_coverage})
		# $CFLAGS would put coverage everywhere.  A compiler that is newer than ours may warn of more.
		target_compile_options(mmutorture_flavour INTERFACE -fno-sanitize=fuzzer-no-link -Wno-error)
		# What the base image does not have: of cJSON nothing is called here.
		target_link_options(mmutorture_flavour INTERFACE -Wl,--as-needed)
	elseif(name STREQUAL "tsan")
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		set(MMUTORTURE_SANITIZERS thread)
	elseif(name STREQUAL "afl")
		target_compile_options(mmutorture_flavour INTERFACE -O2)
		set(MMUTORTURE_FUZZ_ENGINE afl)
		set(MMUTORTURE_KVM_COVERAGE -fsanitize-coverage=trace-pc-guard)
	elseif(name STREQUAL "afl-cmplog")
		target_compile_options(mmutorture_flavour INTERFACE -O2)
		set(MMUTORTURE_FUZZ_ENGINE afl)
		set(MMUTORTURE_KVM_COVERAGE -fsanitize-coverage=trace-pc-guard,trace-cmp)
	elseif(name STREQUAL "coverage")
		# The kernel's files alone are measured; kernel_core.cmake adds -fcoverage-mapping to them.
		target_compile_options(mmutorture_flavour INTERFACE -O1)
		target_link_options(mmutorture_flavour INTERFACE -fprofile-instr-generate)
	else()
		message(FATAL_ERROR "MMUTORTURE_FLAVOUR '${name}' is none of dev, release, asan, tsan, coverage, fuzz, "
			"afl, afl-cmplog, oss-fuzz")
	endif()
	if(MMUTORTURE_SANITIZERS AND NOT name STREQUAL "oss-fuzz")
		mmutorture_sanitizers(mmutorture_flavour ${MMUTORTURE_SANITIZERS})
	endif()
	if("undefined" IN_LIST MMUTORTURE_SANITIZERS)
		# The kernel calls through one no-op of many types (static calls), and callbacks cross between the two
		# worlds under types that have the same layout and different names (callback_head, host_rcu_head).
		target_compile_options(mmutorture_flavour INTERFACE -fno-sanitize=function)
	endif()
	return(PROPAGATE MMUTORTURE_SANITIZERS MMUTORTURE_FUZZ_ENGINE MMUTORTURE_FUZZ_LINK MMUTORTURE_KVM_COVERAGE)
endfunction()
