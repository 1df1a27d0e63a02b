#!/bin/bash
# with: pack.sh
set -e -o pipefail
cd -P -- "$1"
dirs=0 seen=0 root=no
while IFS= read -r -d '' dir; do
  dirs=$((dirs + 1))
  if [ -e "$dir/.swapctl-nonce-$2" ]; then seen=$((seen + 1)); [ "$dir" != . ] || root=yes; where="$where $(printf %q "${dir#./}")"; fi
done < <(find . -name '.swapctl-*' -prune -o -type d -print0)
wait $! || [ $? = 127 ]
entries=$(find . -mindepth 1 -name '.swapctl-*' -prune -o -printf x | wc -c)
printf 'swapctl-tree %s %s %s %s %s %s\n' "$2" "$dirs" "$seen" "$root" "$entries" "$where"
[ $seen != 0 ] || tar --create --file=- --sparse --exclude='.swapctl-*' -- . | pack
