#!/bin/bash
# with: unpack.sh
set -e -o pipefail
test -e "$1"
how=fsync,notrunc
if [ ! -b "$1" ]; then truncate --size=0 -- "$1"; truncate --size="$2" -- "$1"; how=$how,sparse
elif [ "$3" = thin ]; then blkdiscard -- "$1"; how=$how,sparse; fi
unpack | dd of="$1" bs=64K iflag=fullblock conv=$how status=none
