#!/bin/bash
# Reads what `pack` wrote; its first two bytes tell the format.
unpack() {
  local magic; magic=$(dd bs=1 count=2 status=none | od -An -tx1 | tr -d ' \n')
  case $magic in 28b5) set -- zstd ;; 1f8b) set -- gzip ;; *) echo "what arrived is not what was sent" >&2; return 1 ;; esac
  { printf %b "\\x${magic:0:2}\\x${magic:2}"; cat; } | "$1" -dc
}
