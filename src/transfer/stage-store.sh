#!/bin/bash
# Arguments: path, call of stage-store.py.
# with: tree-here.sh
set -e -o pipefail
cd -P -- "$1"
here
[ ! -d "$stage" ] || store "$2" "$stage"
