# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_kernel_core(SOURCE) - prepares a kernel tree for being compiled into us, without touching it.
#
# Sets in the caller's scope:
#     KERNEL_BUILD        where the tree's generated headers and configuration are
#     KERNEL_FLAGS        how a file is compiled in kernel world
#     KERNEL_KVM_FILES    the files of kvm.ko but vmx and svm, as the tree's own Makefile lists them
#     KERNEL_LIB_FILES    library files that those need
# and makes ${CMAKE_BINARY_DIR}/generated/kvm_core_compat.h from the probes.

function(mmutorture_check_tree source)
	foreach(file arch/x86/kvm/Makefile arch/x86/kvm/mmu/tdp_mmu.c virt/kvm/kvm_main.c)
		if(NOT EXISTS "${source}/${file}")
			message(FATAL_ERROR "KVM_SOURCE: no ${file} in ${source}: not a Linux >= 6.1 tree?")
		endif()
	endforeach()
	if(EXISTS "${source}/.config" OR EXISTS "${source}/include/config")
		message(FATAL_ERROR "KVM_SOURCE: ${source} was built in place, and Kbuild then refuses a build outside "
			"of it: run 'make mrproper' there, or name a clean tree")
	endif()
endfunction()

# The configuration step of Kbuild: 15 s, and again only when the tree or the fragment is another one.
function(mmutorture_configure_tree source build)
	set(fragment "${PROJECT_SOURCE_DIR}/mmu_core/kvm/kconfig.fragment")
	file(SHA256 "${fragment}" fragment_hash)
	file(SHA256 "${source}/Makefile" tree_hash)
	set(identity "${source} ${tree_hash} ${fragment_hash} ${CMAKE_C_COMPILER_VERSION}")
	set(stamp "${build}/mmutorture-identity")
	if(EXISTS "${stamp}")
		file(READ "${stamp}" old)
		if(old STREQUAL identity)
			return()
		endif()
	endif()

	message(STATUS "Configuring the kernel's headers of ${source} (once, about 15 s)")
	file(REMOVE_RECURSE "${build}")
	file(MAKE_DIRECTORY "${build}")
	# GNU make would pass the jobs of an outer make on to Kbuild.
	foreach(goal "KCONFIG_ALLCONFIG=${fragment};allnoconfig" "prepare")
		execute_process(
			COMMAND "${CMAKE_COMMAND}" -E env --unset=MAKEFLAGS --unset=MAKELEVEL
				make -s -C "${source}" "O=${build}" ARCH=x86_64 "LLVM=${KERNEL_LLVM}" ${goal}
			RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
		if(result)
			message(FATAL_ERROR "Kbuild failed in ${source} (make ${goal}):\n${output}")
		endif()
	endforeach()
	file(WRITE "${stamp}" "${identity}")
endfunction()

function(mmutorture_kernel_flags source build)
	set(fixed
		-nostdinc -D__KERNEL__ -D__KBUILD_MODNAME=kmod_kvm "-DKBUILD_MODNAME=\"kvm\""
		"-DKBUILD_MODFILE=\"kvm\"" "-DKBUILD_BASENAME=\"kvm\""
		"-I${PROJECT_SOURCE_DIR}/mmu_core/kvm/override"
		"-isystem${source}/arch/x86/include" "-isystem${build}/arch/x86/include/generated"
		"-isystem${source}/include" "-isystem${build}/include"
		"-isystem${source}/arch/x86/include/uapi" "-isystem${build}/arch/x86/include/generated/uapi"
		"-isystem${source}/include/uapi" "-isystem${build}/include/generated/uapi"
		"-include${source}/include/linux/compiler-version.h"
		"-include${source}/include/linux/kconfig.h"
		"-include${PROJECT_SOURCE_DIR}/mmu_core/kvm/prelude.h"
		"-include${source}/include/linux/compiler_types.h"
		-fshort-wchar -funsigned-char -fno-common -fno-strict-aliasing -fno-strict-overflow
		-fno-delete-null-pointer-checks -fno-pic -fno-pie -mcmodel=small -fno-stack-protector
		-fno-optimize-sibling-calls -mno-sse -mno-mmx -mno-sse2 -mno-avx -mno-80387)
	# The dialect is the tree's business: later ones need Microsoft's anonymous structs.
	list(APPEND fixed -std=gnu11)
	file(STRINGS "${build}/.config" dialect REGEX "^CONFIG_CC_MS_EXTENSIONS=")
	if(dialect)
		string(REGEX REPLACE ".*\"(.*)\"" "\\1" dialect "${dialect}")
		list(APPEND fixed "${dialect}" -Wno-microsoft-anon-tag)
	endif()
	if("address" IN_LIST MMUTORTURE_SANITIZERS)
		# Redzones between variables would break the sections that the kernel walks as arrays.
		list(APPEND fixed -mllvm=-asan-globals=0)
	elseif(MMUTORTURE_FLAVOUR STREQUAL "tsan")
		list(APPEND fixed -mllvm=-tsan-distinguish-volatile=1 -mllvm=-tsan-instrument-func-entry-exit=1)
	elseif(MMUTORTURE_FLAVOUR STREQUAL "coverage")
		list(APPEND fixed -fprofile-instr-generate -fcoverage-mapping)
	endif()
	if(NOT MMUTORTURE_FLAVOUR STREQUAL "release")
		list(APPEND fixed -DMMUTORTURE_POINTS)
	endif()
	set(KERNEL_FLAGS "${fixed}" PARENT_SCOPE)
endfunction()

function(mmutorture_kernel_probes)
	file(GLOB_RECURSE lists CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/mmu_core/kvm/*probes.list")
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lists})
	set(header "${CMAKE_BINARY_DIR}/generated/kvm_core_compat.h")
	set(flags "${CMAKE_BINARY_DIR}/generated/kernel_flags")
	set(all "${CMAKE_C_COMPILER}" ${KERNEL_FLAGS} "-I${KVM_SOURCE}/arch/x86/kvm" "-I${KVM_SOURCE}/virt/kvm")
	list(TRANSFORM all REPLACE "\"" "\\\\\"")
	list(JOIN all "\n" lines)
	file(CONFIGURE OUTPUT "${flags}" CONTENT "${lines}\n" @ONLY)
	set(newest "${flags}" ${lists} "${KERNEL_BUILD}/mmutorture-identity"
		"${PROJECT_SOURCE_DIR}/cmake/probe_kernel.sh")
	foreach(file IN LISTS newest)
		if("${file}" IS_NEWER_THAN "${header}")
			message(STATUS "Probing the kernel tree for what differs between versions")
			execute_process(
				COMMAND "${PROJECT_SOURCE_DIR}/cmake/probe_kernel.sh" "${header}" "${flags}" ${lists}
				COMMAND_ERROR_IS_FATAL ANY)
			file(TOUCH "${header}")
			break()
		endif()
	endforeach()
endfunction()

macro(mmutorture_kernel_core source)
	mmutorture_check_tree("${source}")
	string(REGEX REPLACE "^.*clang(-[0-9]+)?$" "\\1" KERNEL_LLVM "${CMAKE_C_COMPILER}")
	if(NOT KERNEL_LLVM)
		set(KERNEL_LLVM 1)
	endif()
	set(KERNEL_BUILD "${CMAKE_BINARY_DIR}/kernel")
	mmutorture_configure_tree("${source}" "${KERNEL_BUILD}")
	mmutorture_kernel_flags("${source}" "${KERNEL_BUILD}")
	mmutorture_kernel_probes()

	execute_process(
		COMMAND make -s -f "${PROJECT_SOURCE_DIR}/mmu_core/kvm/kvm_files.mk" "SRC=${source}" "O=${KERNEL_BUILD}"
		OUTPUT_VARIABLE KERNEL_KVM_FILES OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
	string(REGEX REPLACE "[ \n]+" ";" KERNEL_KVM_FILES "${KERNEL_KVM_FILES}")
	list(TRANSFORM KERNEL_KVM_FILES REPLACE "\\.o$" ".c")
	list(TRANSFORM KERNEL_KVM_FILES PREPEND "${source}/arch/x86/kvm/")
	set(normal)
	foreach(file IN LISTS KERNEL_KVM_FILES)
		cmake_path(NORMAL_PATH file)
		list(APPEND normal "${file}")
	endforeach()
	set(KERNEL_KVM_FILES "${normal}")

	set(KERNEL_LIB_FILES)
	foreach(name rbtree interval_tree xarray radix-tree find_bit ctype refcount bitmap sort bsearch hweight idr)
		list(APPEND KERNEL_LIB_FILES "${source}/lib/${name}.c")
	endforeach()
endmacro()
