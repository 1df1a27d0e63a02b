#!/bin/sh
# script.ts writes the lines before this, which set these.
# shellcheck disable=SC2154
cd "$home" || exit 1
exec 9>lock
flock 9

interpreter=$(command -v python3 || command -v python || echo /usr/libexec/platform-python)
py() { "$interpreter" "$@" 9>&-; }
settle() { sync -- "$@" 2>/dev/null || sync; }
state() { head -n 1 state 2>/dev/null || echo none; }
enter() {
  { echo "$1"; date -u +%Y-%m-%dT%H:%M:%SZ; echo "$2"; } >state.new
  settle state.new
  mv -f state.new state
  settle .
}
put() {
  path=$(readlink -f -- "$1" || echo "$1")
  mkdir -p -- "$(dirname -- "$path")"
  cp -- "$4" "$path.swapctl" && chown -- "$3" "$path.swapctl" && chmod -- "$2" "$path.swapctl" || return 1
  settle "$path.swapctl"
  mv -f -- "$path.swapctl" "$path"
}
# The cutover makes this file: before it there is none.
made() {
  case $4 in before-*) ;; *) put "$@"; return ;; esac
  rm -f -- "$1"
  case $1 in *.d/*) rmdir -- "${1%/*}" 2>/dev/null ;; esac
  settle "${1%/*}"
}
start() { systemd-run "$@" --timer-property=AccuracySec=100ms /bin/sh "$home/putback.sh" timer "$(cat token)" 9>&-; }
later() { start --no-block "--unit=$unit" "--on-active=$1" 2>/dev/null || start "--unit=$unit" "--on-active=$1"; }
stop_timer() {
  test -d /run/systemd/system || return 0
  systemctl stop "$unit-half.timer" "$unit-half.service" 2>/dev/null
  systemctl stop "$unit.timer"
}
uptime_now() { cut -d. -f1 /proc/uptime; }
pause() { flock -u 9; sleep "$1" 9>&-; flock 9; }
there() { ip -o addr show dev "$2" to "$1" | grep -q .; }
add_one() {
  nodad=; case $1 in *:*) nodad=nodad ;; esac
  ip addr replace "$1/$2" dev "$3" ${4:+brd "$4"} ${5:+label "$5"} ${nodad:+nodad}
}
drop_one() { ! there "$1" "$3" || ip addr del "$1/$2" dev "$3" || ! there "$1" "$3"; }
hold_one() { ip addr replace "$1/$6" dev lo; }
free_one() { ! there "$1" lo || ip addr del "$1/$6" dev lo; }
missing_one() { there "$1" "$3" || missing=yes; }
come() {
  reload
  if test "$networkd" = yes; then
    for _ in 1 2 3 4 5 6 7 8 9 10; do missing=no; each missing_one; test "$missing" = yes || break; sleep 0.1 9>&-; done
  fi
  each add_one
}
set_kernel() { for setting in $settings; do sysctl -q -w "$setting"; done; }
announce_one() { there "$1" "$3" && py announce.py announce 1 0 "$1" "$2" "$3" "" ""; }
carrier_one() { test "$(cat "/sys/class/net/$3/carrier" 2>/dev/null)" = 1 || carrier=no; }
carrier() { carrier=yes; each carrier_one; test "$carrier" = yes; }
ask_one() { py ask.py "$1" "$3" 0.8 >>heard & }
heard() {
  : >heard
  each ask_one
  wait
  macs=$(cat heard)
  for mac in $macs; do case " $peers " in *" $mac "*) return 0 ;; esac; done
  return 1
}
