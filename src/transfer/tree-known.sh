#!/bin/bash
# Keys of the current directory's files: 'SIZE MTIME CTIME INODE NAME', as `find` prints them; the last is './a/b'. Nobody
# but root can set a ctime back, so a file with the key that it had when it was hashed has the same content.
# `keys TEST...` prints them, `know` reads those on stdin, all NUL-terminated; `known KEY`: whether it was among them.
declare -A keys_known
keys() { find . -name '.swapctl-*' -prune -o "$@" -printf '%s %T@ %C@ %i %p\0'; }
know() { local one; while IFS= read -r -d '' one; do keys_known["$one"]=1; done; }
known() { [ -n "${keys_known["$1"]+x}" ]; }
known_names() { local one; keys -type f | while IFS= read -r -d '' one; do ! known "$one" || printf '%s\0' "${one#* * * * }"; done; }
unknown_names() { local one; while IFS= read -r -d '' one; do known "$one" || printf '%s\0' "${one#* * * * }"; done; }
