#!/bin/bash
# `here`, for the current directory, sets `aside`: where its content from before the copy is kept, on the same file
# system; `copied`: the mark that a copy was made; and `mounts`: what is mounted below it. aside and copied are beside
# the tree if possible: keystone opens every file in its key repositories (fernet_utils._get_key_files), so an
# unreadable one is an error for every request. Everything goes by '.', which stays the same directory whatever is
# mounted over its path.
# shellcheck disable=SC2034 # used by the script that includes this
here() {
  here=$(pwd -P)
  aside=./.swapctl-before copied=./.swapctl-copied
  if [ "$(stat -c %d .)" = "$(stat -c %d ..)" ] && ! mountpoint -q .; then
    aside=../$(basename -- "$here").swapctl-before copied=../$(basename -- "$here").swapctl-copied
  fi
}
held() { find "$1" -mindepth 1 -maxdepth 1 ! -name '.swapctl-*' "${@:2}"; }
mounts() { below="${here// /\\040}/" awk 'index($5, ENVIRON["below"]) == 1 { print $5 }' /proc/self/mountinfo; }
refuse() { echo "$1" >&2; exit 1; }
