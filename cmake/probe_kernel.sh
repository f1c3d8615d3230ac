#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# probe_kernel.sh OUTPUT FLAGS LIST... - asks a kernel tree what it has, by compiling.
#
# FLAGS is a file with the compiler and its flags, one a line.  A LIST has lines "HAVE_NAME | headers | statements";
# OUTPUT becomes a header that defines each HAVE_NAME as 1 if a function made of the statements compiles, else as 0.
set -euo pipefail
output=$1 flags=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -hvE '^[[:space:]]*(#|$)' "$@" | sort -u >"$work/list"
cut -d'|' -f1 "$work/list" | tr -d ' \t' | sort | uniq -d | while read -r name; do
	echo "probes: $name stands for two different things" >&2
	exit 1
done

while IFS='|' read -r name headers statements; do
	name=${name//[[:space:]]/}
	{
		for header in ${headers//,/ }; do
			echo "#include <$header>"
		done
		echo "void shim_probe(void);"
		echo "void shim_probe(void) { $statements }"
	} >"$work/$name.c"
done <"$work/list"

export flags work
probe() {
	local name
	name=$(basename "$1" .c)
	if xargs -a "$flags" sh -c 'exec "$@" -fsyntax-only -w -Werror=implicit-function-declaration \
		-Werror=incompatible-pointer-types -Werror=int-conversion "$0"' "$1" >"$work/$name.log" 2>&1; then
		echo "#define $name 1"
	else
		echo "#define $name 0"
	fi >"$work/$name.h"
}
export -f probe
find "$work" -name '*.c' -print0 | xargs -0 -n 1 -P "$(nproc)" bash -c 'probe "$0"'

{
	echo "/* Made by cmake/probe_kernel.sh from the tree's own headers. */"
	cat "$work"/*.h
} >"$output.new"
if cmp -s "$output.new" "$output"; then
	rm "$output.new"
else
	mv "$output.new" "$output"
fi
