# SPDX-License-Identifier: GPL-2.0-only
#
# What `cmake --install BUILD --prefix DIR` puts where.  DIR may be moved afterwards: the program finds its scripts from
# where it lies itself, and nothing else is looked for.
#
#     bin/                                    mmutorture, mmutorture-fibres
#     libexec/mmutorture-VERSION/             scripts behind `mmutorture findings` and `mmutorture report`
#     share/mmutorture-VERSION/corpora/       programs: seeds, regressions, recipes, layouts
#     share/doc/mmutorture-VERSION/           README.md, docs/
#     share/man/man1/, share/bash-completion/completions/
#
# The manual and the completion are what the program says of itself, made when it is built.

include(GNUInstallDirs)

function(mmutorture_install)
	set(versioned "mmutorture-${PROJECT_VERSION}")
	set(manual "${CMAKE_BINARY_DIR}/mmutorture.1")
	set(completion "${CMAKE_BINARY_DIR}/mmutorture.completion")
	add_custom_command(OUTPUT "${manual}" "${completion}"
		COMMAND "${PROJECT_SOURCE_DIR}/cli/manual" "$<TARGET_FILE:mmutorture>" "${PROJECT_VERSION}" >"${manual}"
		COMMAND mmutorture completion >"${completion}"
		DEPENDS mmutorture "${PROJECT_SOURCE_DIR}/cli/manual"
		COMMENT "Asking mmutorture for its manual and completion")
	add_custom_target(manual ALL DEPENDS "${manual}" "${completion}")

	install(TARGETS mmutorture mmutorture-fibres)
	install(DIRECTORY reports/ DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/${versioned} USE_SOURCE_PERMISSIONS
		PATTERN __pycache__ EXCLUDE)
	install(DIRECTORY corpora DESTINATION ${CMAKE_INSTALL_DATADIR}/${versioned})
	install(FILES README.md ARCHITECTURE.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${versioned})
	install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${versioned})
	install(FILES "${manual}" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
	install(FILES "${completion}" DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
		RENAME mmutorture)
endfunction()
