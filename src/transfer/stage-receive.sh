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
[ -d "$stage" ] || mkdir -m 0700 -- "$stage"
unpack | store receive "$stage" "$3"
