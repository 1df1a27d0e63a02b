#!/bin/bash
# with: pack.sh
# with: tree-seen.sh
set -e -o pipefail
cd -P -- "$1"
# The source serves: everything else on it goes first.
renice -n 19 -p $$ > /dev/null 2>&1 || true
ionice -c 3 -p $$ 2> /dev/null || true
sees "$2"
header 0
[ "$seen" = 0 ] || exit 0
send "$3" | pack
