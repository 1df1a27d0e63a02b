#!/bin/bash
# with: find-dump.sh
# with: pack.sh
# Arguments: database, charset, 'frozen' or 'serving', tables to create, '--', tables whose rows are wanted. All rows are
# one snapshot. In three parts, like the dump of a whole database.
database=$1 charset=$2 how=$3
shift 3
if [ "$how" = serving ]; then
  renice -n 19 -p $$ >/dev/null 2>&1 || true
  ionice -c 3 -p $$ 2>/dev/null || true
fi
create=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do create+=("$1"); shift; done
shift
some() { dump --skip-triggers --default-character-set="$charset" "$@"; }
structure() {
  if [ ${#create[@]} = 0 ]; then echo '-- nothing to create'; else some --no-data -- "$database" "${create[@]}"; fi
}
{ structure && echo '-- swapctl: data' &&
  some --no-create-info --skip-add-locks --skip-disable-keys -- "$database" "$@" && echo '-- swapctl: rest' &&
  some --no-data --no-create-info -- "$database" "$1"; } | pack
