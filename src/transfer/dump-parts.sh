#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Two marker lines tell deal.awk where a part begins; no row of data can begin a line like them.
{ dump --no-data --skip-triggers --routines --default-character-set="$2" -- "$1" && echo '-- swapctl: data' &&
  dump --no-create-info --skip-triggers --skip-add-locks --skip-disable-keys --default-character-set="$2" -- "$1" && echo '-- swapctl: rest' &&
  dump --no-data --no-create-info --triggers --events --default-character-set="$2" -- "$1"; } | pack
