#!/bin/bash
# with: sha256.sh
set -o pipefail
head --bytes="$2" -- "$1" | sha256
