# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_own_code(TARGET) - what every target of our host-world code is: the flavour, our warnings, and undefined
# behaviour that ends the process (in the kernel's files it is a finding instead, and the run goes on).

include(warnings)

function(mmutorture_own_code target)
	target_link_libraries(${target} PUBLIC mmutorture::flavour mmutorture_port)
	target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
	mmutorture_warnings(${target})
	if("address" IN_LIST MMUTORTURE_SANITIZERS)
		target_compile_options(${target} PRIVATE -fno-sanitize-recover=undefined)
	endif()
endfunction()
