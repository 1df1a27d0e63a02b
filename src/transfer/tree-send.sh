#!/bin/bash
# with: pack.sh
# with: tree-seen.sh
# with: tree-known.sh
set -e -o pipefail
export LC_ALL=C
cd -P -- "$1"
[ "${3-}" != known ] || know
sees "$2"
declare -A taken
if [ "$seen" = 0 ] && [ "${#keys_known[@]}" != 0 ]; then
  while IFS= read -r -d '' name; do taken["$name"]=1; done < <(known_names)
  wait $! || [ $? = 127 ]
fi
header "${#taken[@]}"
[ "$seen" = 0 ] || exit 0
if [ "${#taken[@]}" = 0 ]; then
  tar --create --file=- --sparse --exclude='.swapctl-*' -- . | pack
  exit
fi
printf '%s\0' "${!taken[@]}"
find . -name '.swapctl-*' -prune -o -print0 | while IFS= read -r -d '' name; do [ -n "${taken["$name"]+x}" ] || printf '%s\0' "$name"; done |
  tar --create --file=- --sparse --no-recursion --null --files-from=- | pack
