#!/bin/bash
# Parts of programs that tell of a compute: each part has a kind, a name and a content, each ended by NUL.
export LC_ALL=C
units=()
part() { printf '%s\0%s\0' "$1" "$2"; "${@:3}" 2>/dev/null; printf '\0'; }

# The unit of a process, into $unit: the last part of its cgroup.
find_unit() {
  local group
  unit=
  while IFS= read -r group; do
    case $group in
      0::*.service | *name=systemd:*.service) unit=${group##*/} ;;
    esac
  done 2>/dev/null <"$1/cgroup"
  unit=${unit%.service}
}

# Whether a unit, or the name of a process, which the kernel shortens, is one of "${units[@]}".
known() {
  local name
  for name in "${units[@]}"; do
    [ "$1" != "$name" ] && [ "$2" != "${name:0:15}" ] || return 0
  done
  return 1
}
