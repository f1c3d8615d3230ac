# SPDX-License-Identifier: GPL-2.0-only
#
# steps.sh - for ci/try and ci/test: says what runs, how long it took, and where to read on when it failed.
#
# Sourced after $root and $logs are set; every step's output goes to a file of its own in $logs.

steps_begin=$SECONDS

# step NAME TEXT COMMAND...: quiet unless it fails.
step() {
	local name=$1 text=$2 begin=$SECONDS
	shift 2
	printf '==> %-58s ' "$text"
	if "$@" >"$logs/$name.log" 2>&1; then
		printf '%4d s\n' $((SECONDS - begin))
		return 0
	fi
	printf 'FAILED after %d s\n\n' $((SECONDS - begin))
	tail -n 25 "$logs/$name.log" | sed 's/^/    /'
	printf '\n    command: %s\n    whole output: %s\n' "$*" "$logs/$name.log"
	exit 1
}

# show TEXT COMMAND...: its output is what the user came for.
show() {
	local text=$1 begin=$SECONDS status=0
	shift
	printf '\n==> %s\n    %s\n\n' "$text" "$*"
	"$@" || status=$?
	printf '\n    (%d s, exit code %d)\n' $((SECONDS - begin)) "$status"
	return "$status"
}

steps_seconds() {
	echo $((SECONDS - steps_begin))
}
