#!/bin/bash
# Arguments: names of units, --, directories of settings. Prints parts.
# with: parts.sh
while [ "$1" != -- ]; do units+=("$1"); shift; done
shift

# Comments are shortened to their sign: sample files are hundreds of kilobytes of them.
settings() { [ ! -f "$1" ] || part file "$1" sed -E 's/^([#;]).*/\1/' "$1"; }

declare -A named
for place in /proc/[0-9]*; do
  pid=${place#/proc/}
  read -r program 2>/dev/null <"$place/comm" || continue
  find_unit "$place"
  words=() before=
  if known "$unit" "$program"; then
    while IFS= read -r -d '' word; do
      words+=("$word")
      case $word in
        --config-file=/* | --config-dir=/*) named[${word#*=}]= ;;
        /*) case $before in --config-file | --config-dir) named[$word]= ;; esac ;;
      esac
      before=$word
    done 2>/dev/null <"$place/cmdline"
  elif [ -z "$unit" ]; then
    continue
  fi
  part process "$pid" printf '%s\n' "$unit" "$program" "${words[@]//$'\n'/ }"
done
part addresses '' ip addr show
part sockets '' ss -t -a -n -p
part switch '' ovs-vsctl --timeout=5 get Open_vSwitch . external_ids
part units '' systemctl show -p Id -p LoadState -p ActiveState -p ExecStart "${units[@]/%/.service}"
for place in "$@" "${!named[@]}"; do
  if [ -d "$place" ]; then
    while IFS= read -r -d '' path; do settings "$path"; done \
      < <(find -L "$place" -type f \( -name '*.conf' -o -name '*.ini' \) -print0 2>/dev/null)
  else settings "$place"; fi
done
