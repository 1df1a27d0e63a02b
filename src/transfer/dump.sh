#!/bin/bash
# with: find-dump.sh
# with: pack.sh
dump --routines --triggers --events --default-character-set="$2" -- "$1" | pack
