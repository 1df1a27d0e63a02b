#!/bin/sh
# script.ts writes the lines before this, which set these.
# shellcheck disable=SC2154
go_back() {
  enter putting-back "$1"
  set_kernel
  each hold_one
  each drop_one
  files before
  reload
  for _ in 1 2 3 4 5; do test "$networkd" = no || sleep 0.2 9>&-; each drop_one; done
  enter put-back "$1"
}
take() {
  files after
  come
  each free_one
  for _ in 1 2 3; do each announce_one; done
}
# Booted before it was known whether the source had let go: the machine that has the addresses now keeps them.
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
# swapctl was lost while both sides had the addresses: as long as the source answers for them, it keeps them.
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
    confirmed) test ! -e booted || claim ;; # else it was confirmed at the moment the timer fired
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
seal() { test "$(state)" != confirmed || enter sealed "confirmed by swapctl"; }
