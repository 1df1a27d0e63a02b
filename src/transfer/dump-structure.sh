#!/bin/bash
# with: find-dump.sh
# with: pack.sh
database=$1; shift
dump --no-data --triggers --default-character-set=utf8 "$@" -- "$database" | pack
