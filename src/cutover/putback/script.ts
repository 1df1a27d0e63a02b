import { quote, shell } from '../../hosts/host.ts'
import { alone } from '../addresses.ts'
import { type Reader, readLines } from '../reading.ts'
import { home, type PutBack, timerName } from './data.ts'

/**
 * The put-back script of one side, for /bin/sh (no exec bit is needed, so that SELinux lets systemd run it). Its words:
 *   arm          start the timer
 *   timer TOKEN  what the timer does
 *   half TOKEN   the target alone: whether the source has let go of what was taken, found out by asking the network
 *   boot         at every boot until it is settled, before the network comes up
 *   confirm      the addresses stay where the cutover has put them; exit 75 when they have been put back
 *   seal         the target alone: the other side knows as well
 *   insist       the source alone: whoever answers, the timer takes the addresses back
 * One lock for all of them: whether it was confirmed or put back is decided once, and never half. Pure.
 */
export const scriptOf = (it: PutBack): string =>
  [head(it), common, it.side === 'target' ? target : source, tail].join('\n')

const lines = (readers: readonly Reader[]): string =>
  readLines(readers)
    .map((line) => `  ${line}`)
    .join('\n')

const head = ({ side, budget, places, files, readers, settings, peers }: PutBack): string => {
  const words = (f: readonly string[][]) => f.map((one) => `  "$1" ${one.map((word) => quote(word) || "''").join(' ')}`)
  const place = words(
    places.map((one) => [
      one.address,
      String(one.prefix),
      one.device,
      one.broadcast ?? '',
      one.label ?? '',
      String(alone(one.address)),
    ]),
  )
  const file = files.map(
    ({ before }, index) => `  put ${shell([before.path, before.mode, before.owner])} "$1-${index + 1}"`,
  )
  return `# swapctl: puts the addresses of a cutover back on the ${side}, unless they are confirmed there.
set -u
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
home=${home} unit=${timerName} side=${side} budget=${budget} networkd=${readers.includes('networkd') ? 'yes' : 'no'}
settings=${quote(settings.join(' '))}
peers=${quote(peers.join(' '))}
each() {
${place.join('\n')}
}
files() {
${file.length === 0 ? '  :' : file.join('\n')}
}
reload() {
  :
${lines(readers)}
}
# At boot nobody has read them yet, but for netplan, which has made others of them already.
files_at_boot() {
  files "$1"
${lines(readers.filter((reader) => reader === 'netplan'))}
}`
}

/** `put` writes beside the file and renames over it; a link is written through. */
const common = `
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
add_one() { ip addr replace "$1/$2" dev "$3" \${4:+brd "$4"} \${5:+label "$5"} $(case $1 in *:*) echo nodad ;; esac); }
drop_one() { ! there "$1" "$3" || ip addr del "$1/$2" dev "$3" || ! there "$1" "$3"; }
hold_one() { ip addr replace "$1/$6" dev lo; }
free_one() { ! there "$1" lo || ip addr del "$1/$6" dev lo; }
missing_one() { there "$1" "$3" || missing=yes; }
come() {
  reload
  if test "$networkd" = yes; then
    for turn in 1 2 3 4 5 6 7 8 9 10; do missing=no; each missing_one; test "$missing" = yes || break; sleep 0.1 9>&-; done
  fi
  each add_one
}
set_kernel() { test -z "$settings" || sysctl -q -w $settings; }
announce_one() { there "$1" "$3" && py announce.py announce 1 0 "$1" "$2" "$3" "" ""; }
carrier_one() { test "$(cat "/sys/class/net/$3/carrier" 2>/dev/null)" = 1 || carrier=no; }
carrier() { carrier=yes; each carrier_one; test "$carrier" = yes; }
ask_one() { py ask.py "$1" "$3" 0.8 >>heard & }
heard() {
  : >heard
  each ask_one
  wait
  for mac in $(cat heard); do case " $peers " in *" $mac "*) return 0 ;; esac; done
  return 1
}`

/** Put back, it is quiet: the loopback holds the addresses, and nobody is told. */
const target = `
go_back() {
  enter putting-back "$1"
  set_kernel
  each hold_one
  each drop_one
  files before
  reload
  for turn in 1 2 3 4 5; do test "$networkd" = no || sleep 0.2 9>&-; each drop_one; done
  enter put-back "$1"
}
take() {
  files after
  come
  each free_one
  for turn in 1 2 3; do each announce_one; done
}
# Booted before it was known whether the source had let go: whoever holds the addresses now keeps them.
claim() {
  misses=0 hits=0
  while test "$misses" -lt 3; do
    test "$(state)" = confirmed && test "$(cat token)" = "$token" || exit 0
    if ! carrier; then pause 1; continue; fi
    if heard; then hits=$((hits + 1)) misses=0; else misses=$((misses + 1)) hits=0; fi
    if test "$hits" -ge 3; then enter put-back "this machine was booted, and the source has the addresses"; exit 0; fi
  done
  take
}
# swapctl was lost while both sides had the addresses: as long as the source answers for them, they are its own.
half() {
  misses=0 hits=0
  while test "$misses" -lt 3; do
    pause 0.2
    test "$(cat token 2>/dev/null)" = "$token" || exit 0
    case $(state) in armed | confirmed | sealed) ;; *) exit 0 ;; esac
    if heard; then hits=$((hits + 1)) misses=0; else misses=$((misses + 1)) hits=0; fi
    if test "$hits" -ge 3; then go_back "the source has the addresses"; exit 0; fi
  done
}
timer() {
  case $(state) in
    armed) go_back "not confirmed within $budget s" ;;
    putting-back) go_back "$(tail -n 1 state)" ;;
    confirmed) test ! -e booted || claim ;; # else it was confirmed in the moment in which the timer fired
  esac
}
boot() {
  case $(state) in
    armed) files_at_boot before; enter put-back "this machine was booted before it was confirmed" ;;
    putting-back | put-back) files_at_boot before ;;
    confirmed) : >booted; files_at_boot before; later 2 ;;
  esac
}
confirm() {
  case $(state) in
    armed) enter confirmed "confirmed by swapctl"; stop_timer ;;
    confirmed | sealed) ;;
    *) refuse ;;
  esac
}
seal() { test "$(state)" != confirmed || enter sealed "confirmed by swapctl"; }`

/**
 * Until it is decided for good the source goes by what it hears. A target that answers after its own timer has been
 * confirmed, or hangs and will let go: only one that goes on answering is believed.
 */
const source = `
take() {
  enter putting-back "$1"
  files before
  come
  for turn in 1 2 3; do each announce_one; done
  set_kernel
  enter put-back "$1"
}
let_go() {
  each drop_one
  files after
  reload
}
enough() { test -e booted && echo $((budget + 25)) || echo 15; }
decide() {
  misses=0 hits=0 turns=0
  while :; do
    test "$(cat token 2>/dev/null)" = "$token" || exit 0
    case $(state) in
      armed | put-back) ;;
      putting-back) take "$(tail -n 1 state)" ;;
      *) exit 0 ;;
    esac
    if test -e insist; then test "$(state)" = put-back || take "swapctl was told to go back"; exit 0; fi
    # Not counted: nothing can be found out without a link, and it may be back at any time.
    if ! carrier; then misses=0 hits=0; pause 1; continue; fi
    turns=$((turns + 1))
    if heard; then hits=$((hits + 1)) misses=0; else misses=$((misses + 1)) hits=0; fi
    case $(state) in
      armed)
        test "$misses" -lt 3 || { take "not confirmed within $budget s, and nobody had the addresses"; turns=0; continue; }
        test "$hits" -lt "$(enough)" || { enter confirmed "the target answers for the addresses"; let_go; exit 0; }
        test "$misses" -gt 0 || pause 0.5 ;;
      put-back)
        test "$hits" -lt 5 || { enter armed "the target answers for the addresses as well"; let_go; continue; }
        test "$turns" -gt 5 || each announce_one
        # As long as nobody takes it up: a target that hung and was confirmed may come back at any time.
        if test "$turns" -lt 60; then pause 0.5; elif test "$turns" -lt 900; then pause 4; else pause 30; fi ;;
    esac
  done
}
timer() { decide; }
boot() {
  case $(state) in
    armed) : >booted; uptime_now >deadline; files_at_boot after; later 2 ;;
    putting-back | put-back) : >booted; files_at_boot before; later 2 ;;
    confirmed) files_at_boot after ;;
  esac
}
confirm() {
  case $(state) in
    armed) enter confirmed "confirmed by swapctl"; stop_timer ;;
    confirmed) ;;
    *) refuse ;;
  esac
}
insist() { : >insist; settle insist; settle .; }`

const tail = `
refuse() {
  echo "put back at $(sed -n 2p state): $(tail -n 1 state)" >&2
  exit 75
}
arm() {
  cat /proc/sys/kernel/random/uuid >token
  echo $(($(uptime_now) + budget)) >deadline
  enter armed "until it is confirmed"
  later "$budget"
}
token=\${2:-}
case $1 in
  arm | boot | confirm | seal | insist) "$1" ;;
  timer | half) test "$(cat token 2>/dev/null)" = "$token" || exit 0; "$1" ;;
  *) exit 2 ;;
esac
`
