#!/bin/bash
# `clean DIR`: removes the marks below a directory, also those of a run that was killed. A mark carries two times: that of
# its directory before it came (mtime) and after (atime); the directory gets the first back unless somebody else has
# changed it since. No service takes a name that begins with .swapctl- for a key, an image or a domain.
clean() {
  local mark dir was now made
  find "$1" -name '.swapctl-nonce-*' -type f -print0 | while IFS= read -r -d '' mark; do
    dir=$(dirname -- "$mark"; echo x); dir=${dir%?x}
    was=$(stat -c %y -- "$mark") made=$(stat -c %x -- "$mark") now=$(stat -c %y -- "$dir")
    rm -f -- "$mark"
    [ "$now" != "$made" ] || touch -m -d "$was" -- "$dir"
  done
}
