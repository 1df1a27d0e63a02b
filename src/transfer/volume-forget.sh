#!/bin/bash
# Arguments: mark, then volumes as GROUP/NAME. Removes those that have the mark; others stay as they are.
set -e -o pipefail
mark=$1
shift
for volume; do
  case ,$(lvs --noheadings -o lv_tags -- "$volume" | tr -d ' \n'), in
    *,"$mark",*) lvremove -f "$volume" ;;
    *) echo "$volume no longer has the mark $mark, so it stays" >&2; exit 1 ;;
  esac
done
