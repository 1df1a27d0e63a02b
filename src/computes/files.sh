#!/bin/bash
# Arguments: the directory of the swap's records, files. Prints parts: each whole file, and the agents that an earlier run
# has still to start again, or started again.
# with: parts.sh
directory=$1
shift
for path; do part file "$path" cat -- "$path"; done
for kind in due restarted; do
  for place in "$directory/$kind"/*; do [ ! -e "$place" ] || part "$kind" "${place##*/}" true; done
done
