#!/bin/bash
# Arguments: names of units. Prints parts: the processes of these units, and all connections.
# with: parts.sh
units=("$@")
for place in /proc/[0-9]*; do
  read -r program 2>/dev/null <"$place/comm" || continue
  find_unit "$place"
  known "$unit" "$program" || continue
  part process "${place#/proc/}" printf '%s\n' "$unit" "$program"
done
part sockets '' ss -t -a -n -p
part units '' systemctl show -p Id -p LoadState -p ActiveState -p ExecStart "${units[@]/%/.service}"
