#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Arguments: database, charset, 'frozen' or 'serving'. Standard input: a table, a condition, and so on, each
# NUL-terminated. On a source that serves, a row may have taken a unique value from another one meanwhile.
database=$1 charset=$2 how=$3 replace=
if [ "$how" = serving ]; then
  replace=--replace
  renice -n 19 -p $$ >/dev/null 2>&1 || true
  ionice -c 3 -p $$ 2>/dev/null || true
fi
rows() {
  while IFS= read -r -d '' table && IFS= read -r -d '' where; do
    dump --no-create-info --skip-triggers --skip-add-locks --skip-disable-keys ${replace:+"$replace"} \
      --default-character-set="$charset" --where="$where" -- "$database" "$table" </dev/null || return
  done
}
rows | pack
