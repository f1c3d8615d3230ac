# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of mmu_core/reference, layer by layer.  They alone may see inside of it.

foreach(subject architectures hva_cache mirror pt_formats pt_property pt_threads private roles visibility)
	set(name unit_reference_${subject})
	mmutorture_add_program_test(${name} LABEL unit TIMEOUT 120
		SOURCES reference/${subject}_test.c reference/arch_walk.c reference/external.c reference/formats.c
		LIBRARIES mmutorture_reference mmu_host)
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/mmu_core/reference)
	if(NOT MMUTORTURE_FLAVOUR STREQUAL "release")
		target_compile_definitions(${name} PRIVATE REFERENCE_HAS_PLANTS=1)
	endif()
endforeach()
