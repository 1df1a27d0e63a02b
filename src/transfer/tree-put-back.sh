#!/bin/bash
# with: tree-clean.sh
# with: tree-here.sh
set -e -o pipefail
[ -d "$1" ] || exit 0
cd -P -- "$1"
here
clean .
[ -e "$copied" ] || exit 0
if [ -d "$aside" ]; then
  found=$(mounts)
  [ -z "$found" ] || refuse "on the target file systems are mounted below $1: $found. Unmount them"
  # If that fails, the staged files are proved again before they are used.
  [ ! -d "$stage" ] || store release "$stage" || true
  held . -exec rm -rf --one-file-system -- {} +
  find "$aside" -mindepth 1 -maxdepth 1 -exec mv -n -t . -- {} +
  rmdir -- "$aside"
  rm -f -- "$copied"
fi
# If the target had nothing there, the copy stays until the next copy or finish, with what was added since; the mark
# says that it is a copy and not the target's own.
