#!/bin/bash
# `sees NONCE`, in a tree of the source: looks in each directory for the mark of the target's tree, by its name, because an
# NFS client's listing may be stale. Sets what `header COUNT` prints for the target: dirs, seen, root, entries, where.
sees() {
  local dir
  nonce=$1 dirs=0 seen=0 root=no where=
  while IFS= read -r -d '' dir; do
    dirs=$((dirs + 1))
    if [ -e "$dir/.swapctl-nonce-$nonce" ]; then seen=$((seen + 1)); [ "$dir" != . ] || root=yes; where="$where $(printf %q "${dir#./}")"; fi
  done < <(find . -name '.swapctl-*' -prune -o -type d -print0)
  wait $! || [ $? = 127 ]
  entries=$(find . -mindepth 1 -name '.swapctl-*' -prune -o -printf x | wc -c)
}
header() { printf 'swapctl-tree %s %s %s %s %s %s %s\n' "$nonce" "$dirs" "$seen" "$root" "$entries" "$1" "$where"; }
