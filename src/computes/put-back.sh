#!/bin/bash
# Argument: the directory of the swap's records. Puts back each file that is still as swapctl wrote it, starts the agents
# again that swapctl started again, and removes the records. Exits with 1 and names what it leaves.
set -u
export LC_ALL=C
umask 077
directory=$1
[ -d "$directory" ] || exit 0
left=0
put=()

sum() { sha256sum <"$1" | cut -d' ' -f1; }

say() {
  echo "$1" >&2
  left=1
}

restore() {
  local made
  made=$(mktemp -- "$2.swapctl.XXXXXX") || return 1
  if cp --preserve=all -- "$1" "$made" && [ "$(sum "$made")" = "$3" ] && mv -f -- "$made" "$2"; then return 0; fi
  rm -f -- "$made"
  return 1
}

for record in "$directory"/files/*; do
  [ -e "$record/path" ] || continue
  case $record in *.new) continue ;; esac
  path=$(cat -- "$record/path")
  old=$(sum "$record/old")
  now=$(sum "$path" 2>/dev/null)
  if [ "$now" = "$old" ]; then put+=("$record")
  elif ! grep -qxF -- "${now:-none}" "$record/wrote"; then
    say "$path was changed after swapctl wrote it, and stays; $record/old has its old content"
  elif restore "$record/old" "$path" "$old"; then put+=("$record")
  else say "$path could not be written; $record/old has its old content"
  fi
done
sync
for marker in "$directory"/restarted/*; do
  [ -e "$marker" ] || continue
  unit=${marker##*/}
  if systemctl try-restart "$unit.service"; then rm -f -- "$marker"
  else say "$unit did not start again: systemctl status $unit"; fi
done
[ "$left" -ne 0 ] || exec rm -rf -- "$directory"
[ ${#put[@]} -eq 0 ] || rm -rf -- "${put[@]}"
exit 1
