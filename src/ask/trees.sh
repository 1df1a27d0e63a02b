#!/bin/sh
# trees PATH...: for each that exists 'FILES<tab>BYTES<tab>FROM<tab>SUM<tab>PATH'. FROM: what is mounted there; SUM:
# over every file's name and size, and the content of small trees, because keys all have the same size.
for path; do
  [ -d "$path" ] || continue
  from=$(df -P -- "$path" | awk 'NR == 2 { print $1 }')
  count=$(find -L "$path" -type f -printf '%s\n' | awk '{ n += 1; b += $1 } END { printf "%d %.0f", n, b }')
  files=${count% *} bytes=${count#* }
  sum=$(
    find -L "$path" -type f -printf '%s %P\n' | LC_ALL=C sort
    [ "$bytes" -gt 1048576 ] || (cd -- "$path" && find -L . -type f -exec sha256sum -b -- {} + | LC_ALL=C sort)
  )
  sum=$(printf '%s\n' "$sum" | sha256sum | cut -c1-16)
  printf '%s\t%s\t%s\t%s\t%s\n' "$files" "$bytes" "$from" "$sum" "$path"
done
