#!/bin/bash
# with: tree-clean.sh
# with: tree-here.sh
set -e -o pipefail
[ -e "$1" ] || exit 0
while IFS= read -r path; do (
  cd -P -- "$path" || exit 0
  here
  clean .
  [ ! -d "$stage" ] || rm -rf --one-file-system -- "$stage"
  [ ! -e "$copied" ] || rm -rf --one-file-system -- "$aside" "$copied"
); done < "$1"
