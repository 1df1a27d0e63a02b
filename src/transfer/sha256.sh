#!/bin/bash
# SHA-256 of stdin, in hexadecimal; the caller sets pipefail. openssl uses the processor's own instructions for it, which
# sha256sum does only where it is linked to the same library. The sum of nothing tells whether openssl may be used.
if [[ $(openssl dgst -sha256 -r 2>/dev/null </dev/null) == e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\ * ]]
then hash=(openssl dgst -sha256 -r); else hash=(sha256sum); fi
sha256() { "${hash[@]}" | cut -c1-64; }
