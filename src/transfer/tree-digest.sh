#!/bin/bash
# with: tree-escaped.sh
cd -- "$1" && export LC_ALL=C || exit 1
set -e -o pipefail
find . -name '.swapctl-*' -prune -o -type f -print0 | sort -z | xargs -0r sha256sum --
find . -name '.swapctl-*' -prune -o -printf '%y %m %u:%g %P -> %l\0' | escaped
