#!/bin/bash
# with: tree-clean.sh
set -e -o pipefail
id -- "$2" > /dev/null
getent group -- "$3" > /dev/null || { echo "no group '$3'" >&2; exit 1; }
[ -d "$1" ] || install --directory --owner="$2" --group="$3" -- "$1"
mkdir -p -- "$(dirname -- "$5")"
grep -qsxF -e "$1" -- "$5" || printf '%s\n' "$1" >> "$5"
cd -P -- "$1"
trap '[ $? = 0 ] || clean .' EXIT
clean .
# The service may open it in this moment: see tree-here.sh.
umask 022
find . -name '.swapctl-*' -prune -o -type d -print0 | while IFS= read -r -d '' dir; do
  was=$(stat -c %y -- "$dir") mark=$dir/.swapctl-nonce-$4
  touch -m -d "$was" -- "$mark" || { echo "nothing can be written to $1/${dir#./}, so nobody can find out whether it is the source's own. Mounted from the source or a share: mount it read-write, and so that root may write, or unmount it" >&2; exit 1; }
  touch -a -d "$(stat -c %y -- "$dir")" -- "$mark"
done
