#!/bin/bash
# with: sha256.sh
# with: tree-escaped.sh
# with: tree-known.sh
cd -- "$1" && export LC_ALL=C || exit 1
set -e -o pipefail
[ "${2-}" != known ] || know
# sha256sum escapes a name that could look like two lines. Only where a file is large does the faster program pay.
large=(-size +16M ! -path $'*[\\\\\n\r]*')
keys -type f ! \( "${large[@]}" \) | unknown_names | sort -z | xargs -0r sha256sum --
keys -type f "${large[@]}" | unknown_names | sort -z | while IFS= read -r -d '' file; do
  sum=$(sha256 <"$file")
  printf '%s  %s\n' "$sum" "$file"
done
[ "${#keys_known[@]}" = 0 ] || known_names | xargs -0r printf 'staged %s\0' | escaped
find . -name '.swapctl-*' -prune -o -printf '%y %m %u:%g %P -> %l\0' | escaped
