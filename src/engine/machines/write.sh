#!/bin/sh
set -e
path=$(readlink -f -- "$1" || printf %s "$1")
mkdir -p -- "$(dirname -- "$path")"
umask 077
new=$(mktemp -- "$path.XXXXXX")
trap 'rm -f -- "$new"' EXIT
cat > "$new"
test "$(wc -c < "$new")" -eq "$4" || { echo "the content broke off" >&2; exit 1; }
test -z "$3" || chown -- "$3" "$new"
chmod -- "$2" "$new"
sync -- "$new" 2>/dev/null || true
mv -f -- "$new" "$path"
trap - EXIT
