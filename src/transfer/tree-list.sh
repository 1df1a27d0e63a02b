#!/bin/bash
# with: tree-escaped.sh
cd -- "$1" && export LC_ALL=C || exit 1
set -e -o pipefail
find . -name '.swapctl-*' -prune -o -type d -printf '%y %m %u:%g %P\0' -o -printf '%y %m %u:%g %s %T@ %P -> %l\0' | escaped
