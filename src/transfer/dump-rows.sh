#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Arguments: database, charset, 'frozen' or 'serving'. Standard input: a table, a condition, and so on, each
# NUL-terminated. A condition names keys, which may be tokens: every user sees a program's arguments, so the dump reads it
# from an option file that is a pipe. A row may come twice, and on a source that serves it may have taken a unique value
# from another one meanwhile, so rows replace.
database=$1 charset=$2 how=$3
if [ "$how" = serving ]; then
  renice -n 19 -p $$ >/dev/null 2>&1 || true
  ionice -c 3 -p $$ 2>/dev/null || true
fi
rows() {
  while IFS= read -r -d '' table && IFS= read -r -d '' where; do
    first=(--defaults-extra-file=/dev/fd/3)
    dump --no-create-info --skip-triggers --skip-add-locks --skip-disable-keys --replace \
      --default-character-set="$charset" -- "$database" "$table" </dev/null \
      3< <(printf '[mysqldump]\nwhere="%s"\n' "$where") || return
  done
}
rows | pack
