#!/bin/sh
# script.ts writes the lines before this, which set these.
# shellcheck disable=SC2154
take() {
  enter putting-back "$1"
  files before
  come
  for _ in 1 2 3; do each announce_one; done
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
  # No file needs to give an address that a masked manager used to set.
  test "$(state)" != put-back || ! test -e booted || come
  while :; do
    test "$(cat token 2>/dev/null)" = "$token" || exit 0
    case $(state) in
      armed | put-back) ;;
      putting-back) take "$(tail -n 1 state)" ;;
      *) exit 0 ;;
    esac
    if test -e insist; then test "$(state)" = put-back || take "swapctl was told to go back"; exit 0; fi
    # Not counted: without a link nothing can be learned, and it may come back at any time.
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
        # For as long as no machine takes the addresses: a target that hung after being confirmed may come back at any
        # time.
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
insist() { : >insist; settle insist; settle .; }
