# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of mmu_core/reference, layer by layer.  They alone may see inside of it.

# reference_test(NAME SUBJECT [FIBRES])
function(reference_test name subject)
	mmutorture_add_program_test(${name} ${ARGN} LABEL unit TIMEOUT 120
		SOURCES reference/${subject}_test.c reference/arch_walk.c reference/external.c reference/formats.c
			reference/vmm.c
		LIBRARIES mmutorture_reference mmutorture_host)
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/mmu_core/reference)
	if(NOT MMUTORTURE_FLAVOUR STREQUAL "release")
		target_compile_definitions(${name} PRIVATE REFERENCE_HAS_PLANTS=1)
	endif()
endfunction()

foreach(subject architectures hva_cache mirror mirror_storm pt_formats pt_property pt_threads private roles visibility
	visibility_change visibility_threads)
	reference_test(unit_reference_${subject} ${subject})
endforeach()
reference_test(unit_reference_mirror_storm_fibres mirror_storm FIBRES)
reference_test(unit_reference_visibility_threads_fibres visibility_threads FIBRES)
