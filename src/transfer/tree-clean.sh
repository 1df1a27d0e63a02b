#!/bin/bash
# `clean DIR`: removes the marks below a directory, including those of a killed run. A mark stores two times of its
# directory: before the mark was created (mtime) and after (atime); the directory gets the first back unless it was
# changed since. No service names a key, image or domain .swapctl-*.
clean() {
  local mark dir was now made
  find "$1" -name '.swapctl-nonce-*' -type f -print0 | while IFS= read -r -d '' mark; do
    dir=$(dirname -- "$mark"; echo x); dir=${dir%?x}
    was=$(stat -c %y -- "$mark") made=$(stat -c %x -- "$mark") now=$(stat -c %y -- "$dir")
    rm -f -- "$mark"
    [ "$now" != "$made" ] || touch -m -d "$was" -- "$dir"
  done
}
