#!/bin/bash
# `here`, of the directory we stand in, sets `aside`: where what it held before the copy is kept, on the same file system;
# and `copied`: the mark that a copy was made. Both lie beside the tree where they can: keystone opens every file in its
# key repositories (fernet_utils._get_key_files), so one that it may not read is an error to every request.
# `mounts`: what is mounted below it. Everything goes by '.', which stays the same directory whatever is mounted over its
# path.
# shellcheck disable=SC2034 # what is put behind this uses it
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
