#!/bin/bash
# with: tree-known.sh
set -e -o pipefail
export LC_ALL=C
cd -P -- "$1"
# Files with several names are left to the freeze, where tar keeps them one file.
keys -type f -links 1
