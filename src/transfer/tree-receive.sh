#!/bin/bash
# with: unpack.sh
# with: tree-clean.sh
# with: tree-here.sh
set -e -o pipefail

cd -P -- "$1"
here
trap 'clean .' EXIT
read -r word nonce dirs seen root entries where || refuse 'the source did not say what it sees'
[ "$word $nonce" = "swapctl-tree $2" ] || refuse 'the source did not say what it sees'
[ -f "./.swapctl-nonce-$2" ] || refuse "$1 is not the directory that was marked: something was mounted or removed"
marks=$(find . -name ".swapctl-nonce-$2" -printf x | wc -c)
if [ "$seen" != 0 ]; then
  [ "$root $dirs $marks" = "yes $seen $seen" ] || refuse "$1 is shared with the source in part: of $marks directories of the target the source sees $seen among its $dirs: $where. Nothing was copied or deleted: share the whole tree, or nothing of it"
  cat > /dev/null
  exit 0
fi
clean .
found=$(mounts)
[ -z "$found" ] || refuse "on the target file systems are mounted below $1, and they are not shared with the source: $found. Unmount them, or mount them elsewhere"
if [ -e "$copied" ]; then
  held . -exec rm -rf --one-file-system -- {} +
else
  count=$(held . -printf x | wc -c)
  if [ "$count" != 0 ]; then
    [ "$entries" != 0 ] || refuse "the source has nothing in $1, and the target has $count entries there: is something not mounted on the source?"
    [ -d "$aside" ] || mkdir -m 0700 -- "$aside"
    held . -exec mv -n -t "$aside" -- {} +
    [ -z "$(held .)" ] || refuse "what is in $1 of the target cannot be moved to $aside, seen from there: look what is there already"
  fi
  : > "$copied"
  chmod 0644 "$copied"
fi
unpack | tar --extract --file=- --preserve-permissions --same-owner --directory=.
