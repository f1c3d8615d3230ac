# SPDX-License-Identifier: GPL-2.0-only
#
# The simulated CPU, the model and the oracle, on tables made by hand and with a core that does as it is told.

add_library(world_fixture OBJECT world_fixture.c)
mmutorture_own_code(world_fixture)
target_link_libraries(world_fixture PUBLIC mmutorture_harness mmutorture_host)

foreach(subject walk cpu oracle slots)
	mmutorture_add_program_test(unit_world_${subject} LABEL unit TIMEOUT 60
		SOURCES world_${subject}_test.c $<TARGET_OBJECTS:world_fixture>
		LIBRARIES mmutorture_harness mmutorture_host)
endforeach()
