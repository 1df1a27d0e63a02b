#!/bin/bash
# `here`, for the current directory, sets `aside`: where its content from before the copy is kept, on the same file
# system; `stage`: where staged files are; `copied`: the mark that a copy was made. `mounts`: what is mounted below it.
# These are beside the tree if possible: keystone opens every file in its key repositories
# (fernet_utils._get_key_files), so an unreadable one is an error for every request. Everything goes by '.', which stays
# the same directory whatever is mounted over its path.
refuse() { echo "$1" >&2; exit 1; }
# shellcheck disable=SC2034 # used by the scripts that include this
here() {
  here=$(pwd -P)
  aside=./.swapctl-before stage=./.swapctl-stage copied=./.swapctl-copied
  if [ "$(stat -c %d .)" = "$(stat -c %d ..)" ] && ! mountpoint -q .; then
    local name; name=../$(basename -- "$here")
    aside=$name.swapctl-before stage=$name.swapctl-stage copied=$name.swapctl-copied
  fi
}
held() { find "$1" -mindepth 1 -maxdepth 1 ! -name '.swapctl-*' "${@:2}"; }
mounts() { below="${here// /\\040}/" awk 'index($5, ENVIRON["below"]) == 1 { print $5 }' /proc/self/mountinfo; }
