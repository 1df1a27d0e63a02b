#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Arguments: database, charset, views. All but tables and rows: routines, views, triggers, events. Clients before 2024
# fail on the sandbox line, which deal.awk expects only at the start.
database=$1 charset=$2
shift 2
part() { dump --no-data --default-character-set="$charset" "$@" | sed '1{/enable the sandbox mode/d;}'; }
views() { [ $# = 0 ] || part --skip-triggers -- "$database" "$@"; }
{ part --no-create-info --skip-triggers --routines -- "$database" && views "$@" &&
  part --no-create-info --triggers --events -- "$database"; } | pack
