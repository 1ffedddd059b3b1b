#!/usr/bin/env bash
# Runs targets of the Makefile one after the other, stops at the first that fails,
# and tells how long each took.
set -euo pipefail
cd "$(dirname "$0")/.."

times=()
began=$SECONDS
report() {
	local status=$?
	echo
	printf '%s\n' "${times[@]}"
	printf '%-10s %4d s\n' total $((SECONDS - began))
	exit $status
}
trap report EXIT

for step in "$@"; do
	printf '\n── %s\n' "$step"
	since=$SECONDS
	if make "$step"; then
		times+=("$(printf '%-10s %4d s' "$step" $((SECONDS - since)))")
	else
		status=$?
		times+=("$(printf '%-10s %4d s  failed' "$step" $((SECONDS - since)))")
		exit $status
	fi
done
