#!/bin/bash
# with: tree-here.sh
[ -e "$1" ] || exit 0
while IFS= read -r path; do (
  cd -P -- "$path" 2> /dev/null || exit 0
  here
  find . -name '.swapctl-*' -printf "$path/%P\n"
  for one in "$copied" "$aside" "$stage"; do [ ! -e "$one" ] || echo "$path: $one"; done
); done < "$1"
