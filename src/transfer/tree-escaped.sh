#!/bin/bash
# Escapes what could make one name look like two entries: a backslash becomes \\\\, a line end \\n.
escaped() { sort -z | sed -z 's/\\/\\\\/g; s/\n/\\n/g' | tr '\0' '\n'; }
