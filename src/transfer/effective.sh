#!/bin/bash
# Arguments: the directory, the main file.
shopt -s nullglob; d=$1; set -- "$2" "$d"/conf.d/*.conf "$d"/*.conf.d/*.conf
for path; do
  [ ! -f "$path" ] || { printf '%s\0' "$path"; cat -- "$path"; printf '\0'; }
done
