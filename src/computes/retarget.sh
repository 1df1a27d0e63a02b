#!/bin/bash
# Arguments: the directory of the swap's records, then any number of:
#   due UNIT                                          has to be started again, because its files change
#   file PATH SUM NEW_SUM COUNT {OFFSET LENGTH TEXT}  replace bytes; the sums are sha256 of the file before and after
#   restart UNIT                                      start it again if it runs and has to be
# What it replaces is kept below that directory first, and what it wrote is recorded there: put-back.sh reads it.
set -eu -o pipefail
export LC_ALL=C
umask 077
directory=$1
shift

sum() { sha256sum <"$1" | cut -d' ' -f1; }

# The file with its bytes replaced: FILE {OFFSET LENGTH TEXT}
spliced() {
  local file=$1 at=0
  shift
  while [ $# -gt 0 ]; do
    head -c "$1" -- "$file" | tail -c "+$((at + 1))"
    printf %s "$3"
    at=$(($1 + $2))
    shift 3
  done
  tail -c "+$((at + 1))" -- "$file"
}

# The first content counts: a second run must not take what swapctl wrote for what was there.
keep() {
  local real=$1 record=$2 now=$3
  if [ -e "$record/path" ]; then
    grep -qxF -- "$now" "$record/wrote" || [ "$now" = "$(sum "$record/old")" ] || {
      echo "$real was changed after swapctl wrote it; ${record}/old has its old content" >&2
      exit 3
    }
    return
  fi
  rm -rf -- "$record.new"
  mkdir -- "$record.new"
  cp --preserve=all -- "$real" "$record.new/old"
  printf %s "$real" >"$record.new/path"
  : >"$record.new/wrote"
  sync
  mv -- "$record.new" "$record"
}

rewrite() {
  local path=$1 old=$2 new=$3 real record now
  shift 3
  real=$(readlink -f -- "$path")
  now=$(sum "$real")
  [ "$now" != "$new" ] || return 0
  [ "$now" = "$old" ] || {
    echo "$path was changed since it was read" >&2
    exit 3
  }
  record=$directory/files/$(printf %s "$real" | sha256sum | cut -c 1-16)
  keep "$real" "$record" "$now"
  made=$(mktemp -- "$real.swapctl.XXXXXX")
  cp --preserve=all -- "$real" "$made"
  spliced "$real" "$@" >"$made"
  [ "$(sum "$made")" = "$new" ] || {
    echo "$path: the edit did not give what it should" >&2
    exit 4
  }
  printf '%s\n' "$new" >>"$record/wrote"
  sync
  mv -f -- "$made" "$real"
  made=
}

again() {
  [ -e "$directory/due/$1" ] || return 0
  : >"$directory/restarted/$1"
  systemctl try-restart "$1.service"
  rm -f -- "$directory/due/$1"
}

made=
trap '[ -z "$made" ] || rm -f -- "$made"' EXIT
mkdir -p -- "$directory/files" "$directory/due" "$directory/restarted"
while [ $# -gt 0 ]; do
  case $1 in
    due) : >"$directory/due/$2"; shift 2 ;;
    restart) again "$2"; shift 2 ;;
    file)
      count=$((3 * $5))
      path=$2 old=$3 new=$4
      shift 5
      rewrite "$path" "$old" "$new" "${@:1:count}"
      shift "$count"
      ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
done
