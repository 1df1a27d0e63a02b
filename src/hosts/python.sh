#!/bin/sh
# python3, or what older systems call it. The program comes over stdin.
py() { "$(command -v python3 || command -v python || echo /usr/libexec/platform-python)" - "$@"; }
