#!/bin/sh
# In /run, which no boot keeps and no fingerprint holds; SWAPCTL_RUN is for machines that share one /run. Who looks and
# then removes is alone meanwhile: flock holds the directory.
dir="${SWAPCTL_RUN:-/run}"
# shellcheck disable=SC2034 # what is put behind this uses it
file="$dir/swapctl.lock"
exec 9<"$dir"
flock -w 20 9 || { echo "somebody holds $dir" >&2; exit 1; }
