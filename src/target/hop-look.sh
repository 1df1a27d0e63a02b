#!/bin/sh
# hop-look KIND PATH MOUNTPOINT... -- TOOL...: what a hop environment of the operator's on this machine has, one fact a
# line, words separated by tabs.
kind=$1 path=$2; shift 2
[ -d "$path" ] || { printf 'missing\n'; exit 0; }
while [ "$1" != -- ]; do
  [ -e "$path$1" ] || printf 'lacks\t%s\n' "$1"
  shift
done
shift
if [ "$kind" = venv ]; then
  bins=/bin libs="$path/lib/python*/site-packages"
  [ -x "$path/bin/python" ] || printf 'lacks\t/bin/python\n'
  ! grep -qsi '^include-system-site-packages *= *true' "$path/pyvenv.cfg" || printf 'shares\n'
else
  bins='/usr/local/bin /usr/bin /usr/sbin /bin /var/lib/kolla/venv/bin'
  libs="$path/usr/lib/python*/*-packages $path/usr/local/lib/python*/*-packages $path/var/lib/kolla/venv/lib/python*/site-packages"
  dpkg-query "--root=$path" -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\n' 2>/dev/null |
    sed -n 's/^ii[^\t]*\t/package\t/p'
fi
for tool; do
  for bin in $bins; do
    file=$path$bin/$tool
    # A link may lead somewhere only inside of a root tree.
    [ -x "$file" ] || { [ "$kind" = tree ] && [ -L "$file" ]; } || continue
    printf 'tool\t%s\n' "$tool"
    [ "$kind" = venv ] || break
    by=$(head -n 1 "$file" | tr -d '\0' | sed -n 's/^#! *\([^ ]*\).*/\1/p')
    [ -z "$by" ] || [ -x "$by" ] || printf 'stray\t%s\t%s\n' "$tool" "$by"
    break
  done
done
# shellcheck disable=SC2086
find $libs -maxdepth 1 \( -name '*.dist-info' -o -name '*.egg-info' \) -printf 'dist\t%f\n' 2>/dev/null
exit 0
