# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of mmu_core/host, on both backends.

foreach(subject arena event heap ipi lock mm_storm notifier point primary_mmu rcu srcu trap)
	mmutorture_add_program_test(unit_host_${subject} LABEL unit TIMEOUT 60 SOURCES host_${subject}_test.c
		LIBRARIES mmu_host)
	mmutorture_add_program_test(unit_host_${subject}_fibres LABEL unit TIMEOUT 60 SOURCES host_${subject}_test.c
		LIBRARIES mmu_host_fibres)
endforeach()
mmutorture_add_test(unit_host_rcu_mb LABEL unit TIMEOUT 60 COMMAND unit_host_rcu mb)

# What the fibres backend alone has.  Its test shares memory without locks, since nobody runs at the same time.
if(NOT MMUTORTURE_FLAVOUR STREQUAL "tsan")
	mmutorture_add_program_test(unit_host_schedule LABEL unit TIMEOUT 60 SOURCES host_schedule_test.c
		LIBRARIES mmu_host_fibres)
	mmutorture_add_program_test(unit_host_snapshot LABEL unit TIMEOUT 60 SOURCES host_snapshot_test.c
		LIBRARIES mmu_host_fibres)
endif()
set(fibres ${PROJECT_SOURCE_DIR}/mmu_core/host/fibres)
mmutorture_add_program_test(unit_fibre_switch_ucontext LABEL unit TIMEOUT 10
	SOURCES fibre_switch_test.c ${fibres}/switch_ucontext.c LIBRARIES m)
if(EXISTS ${fibres}/switch_${CMAKE_SYSTEM_PROCESSOR}.S)
	mmutorture_add_program_test(unit_fibre_switch LABEL unit TIMEOUT 10
		SOURCES fibre_switch_test.c ${fibres}/switch_${CMAKE_SYSTEM_PROCESSOR}.S LIBRARIES m)
endif()
