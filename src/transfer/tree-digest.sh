#!/bin/bash
# with: sha256.sh
# with: tree-escaped.sh
cd -- "$1" && export LC_ALL=C || exit 1
set -e -o pipefail
# sha256sum escapes a name that could look like two lines. Only where a file is large does the faster program pay.
large=(-size +16M ! -path $'*[\\\\\n\r]*')
find . -name '.swapctl-*' -prune -o -type f ! \( "${large[@]}" \) -print0 | sort -z | xargs -0r sha256sum --
find . -name '.swapctl-*' -prune -o -type f "${large[@]}" -print0 | sort -z | while IFS= read -r -d '' file; do
  sum=$(sha256 <"$file")
  printf '%s  %s\n' "$sum" "$file"
done
find . -name '.swapctl-*' -prune -o -printf '%y %m %u:%g %P -> %l\0' | escaped
