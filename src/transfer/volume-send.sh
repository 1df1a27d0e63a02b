#!/bin/bash
# with: pack.sh
set -o pipefail
dd if="$1" bs=4M status=none | pack
