#!/bin/bash
# with: unpack.sh
# with: tree-clean.sh
# with: tree-here.sh
# with: tree-arrives.sh
set -e -o pipefail

cd -P -- "$1"
here
trap 'clean .' EXIT
arrives "$1" "$2"
found=$(mounts)
[ -z "$found" ] || refuse "on the target file systems are mounted below $1, and they are not shared with the source: $found. Unmount them, or mount them elsewhere"
if [ -e "$copied" ]; then
  [ ! -d "$stage" ] || store release "$stage"
  held . -exec rm -rf --one-file-system -- {} +
else
  kept=$(held . -printf x | wc -c)
  if [ "$kept" != 0 ]; then
    [ "$entries" != 0 ] || refuse "the source has nothing in $1, and the target has $kept entries there: is something not mounted on the source?"
    [ -d "$aside" ] || mkdir -m 0700 -- "$aside"
    held . -exec mv -n -t "$aside" -- {} +
    [ -z "$(held .)" ] || refuse "what is in $1 of the target cannot be moved to $aside, seen from there: look what is there already"
  fi
  : > "$copied"
  chmod 0644 "$copied"
fi
# Before the rest, which brings the directories' owners, modes and times.
if [ "$count" != 0 ]; then
  for ((; count > 0; count--)); do IFS= read -r -d '' name; printf '%s\0' "$name"; done | store link "$stage"
fi
unpack | tar --extract --file=- --preserve-permissions --same-owner --directory=.
