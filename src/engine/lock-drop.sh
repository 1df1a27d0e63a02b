#!/bin/sh
# with: lock-place.sh
if [ "$(cat "$file" 2>/dev/null)" = "$(cat)" ]; then rm -f "$file"; fi
