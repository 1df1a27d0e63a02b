#!/bin/bash
# Arguments: names. Prints each with the addresses that this machine resolves it to: NAME, a blank, ADDRESS.
export LC_ALL=C
for name; do
  timeout 4 getent ahosts "$name" 2>/dev/null | while read -r address _; do printf '%s %s\n' "$name" "$address"; done
done
