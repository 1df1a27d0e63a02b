#!/bin/sh
# /run is emptied at boot and is not part of the fingerprint. SWAPCTL_RUN is for test machines that share one /run.
# flock on the directory makes "look, then remove" atomic.
dir="${SWAPCTL_RUN:-/run}"
# shellcheck disable=SC2034 # what is put behind this uses it
file="$dir/swapctl.lock"
exec 9<"$dir"
flock -w 20 9 || { echo "somebody holds $dir" >&2; exit 1; }
