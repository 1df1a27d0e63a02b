#!/bin/bash
# Free bytes where the tree is or will be; then, where it has a staging place, 'staged' and what `show` says of it.
# with: tree-here.sh
set -e -o pipefail
at=$1
until [ -d "$at" ]; do at=$(dirname -- "$at"); done
df --output=avail -B 1 -- "$at" | tail -n 1 | tr -d ' \n'
printf '\0'
cd -P -- "$1" 2> /dev/null || exit 0
here
[ -d "$stage" ] || exit 0
printf 'staged\0'
store show "$stage"
