#!/bin/bash
# `arrives PATH NONCE`, in the target's tree: reads what the source sees (tree-seen.sh) and removes the marks. Ends with 0
# if both sides have the same tree, with 1 if they share part of it. Sets entries: how many the source has; count: the
# names that follow on stdin.
arrives() {
  local word nonce dirs seen root where marks
  # shellcheck disable=SC2034 # used by the scripts that include this
  read -r word nonce dirs seen root entries count where || refuse 'the source did not say what it sees'
  [ "$word $nonce" = "swapctl-tree $2" ] || refuse 'the source did not say what it sees'
  [ -f "./.swapctl-nonce-$2" ] || refuse "$1 is not the directory that was marked: something was mounted or removed"
  marks=$(find . -name ".swapctl-nonce-$2" -printf x | wc -c)
  if [ "$seen" != 0 ]; then
    [ "$root $dirs $marks" = "yes $seen $seen" ] || refuse "$1 is shared with the source in part: of $marks directories of the target the source sees $seen among its $dirs: $where. Nothing was copied or deleted: share the whole tree, or nothing of it"
    cat > /dev/null
    exit 0
  fi
  clean .
}
