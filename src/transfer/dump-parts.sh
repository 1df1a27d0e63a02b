#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Arguments: database, charset, 'frozen' or 'serving', options. On a source that serves everything else goes first; its
# copy will not serve, and needs no routines and events.
# Two marker lines tell deal.awk where a part begins; no row of data can begin a line like them.
database=$1 charset=$2 how=$3
shift 3
routines=--routines events=--events
if [ "$how" = serving ]; then
  renice -n 19 -p $$ >/dev/null 2>&1 || true
  ionice -c 3 -p $$ 2>/dev/null || true
  routines=--skip-routines events=--skip-events
fi
part() { dump "$@" --default-character-set="$charset" "${options[@]}" -- "$database"; }
options=("$@")
{ part --no-data --skip-triggers "$routines" && echo '-- swapctl: data' &&
  part --no-create-info --skip-triggers --skip-add-locks --skip-disable-keys && echo '-- swapctl: rest' &&
  part --no-data --no-create-info --triggers "$events"; } | pack
