# SPDX-License-Identifier: GPL-2.0-only
#
# mmutorture_warnings(TARGET) - the warnings our own code is held to.  The kernel's files have a set of their own.

function(mmutorture_warnings target)
	target_compile_options(${target} PRIVATE
		-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
		-Wno-unused-parameter)
endfunction()
