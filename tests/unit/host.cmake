# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of mmu_core/host.

foreach(subject arena event heap ipi lock point primary_mmu rcu srcu trap)
	mmutorture_add_program_test(unit_host_${subject} LABEL unit TIMEOUT 60 SOURCES host_${subject}_test.c
		LIBRARIES mmu_host)
endforeach()
mmutorture_add_test(unit_host_rcu_mb LABEL unit TIMEOUT 60 COMMAND unit_host_rcu mb)
