#!/bin/sh
# python3 where there is one, otherwise what older systems call it. The program comes over stdin.
py() { "$(command -v python3 || command -v python || echo /usr/libexec/platform-python)" - "$@"; }
