#!/bin/sh
case "$(ip -o route get "$1" 2>/dev/null)" in ''|*' via '*) exit 0 ;; esac
known() { ip neigh show to "$1" | grep -q lladdr; }
known "$1" || bash -c 'echo >"/dev/udp/$0/9"' "$1" 2>/dev/null || true
for _ in 1 2 3 4 5 6 7 8 9 10; do ! known "$1" || break; sleep 0.1; done
ip neigh show to "$1"
