#!/bin/sh
# Compiles a function again, from a copy of the sources in another directory and without a cache, and compares the two
# programs: again.sh NAME. It takes some minutes.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
trap 'exit 1' HUP INT TERM
(cd "$root" && git ls-files --cached --others --exclude-standard | tar -cf - -T -) | tar -xf - -C "$elsewhere"
triple=$(rustc --print host-tuple)
python3 "$root/infra/images" compile "$1"
python3 "$elsewhere/infra/images" compile "$1"
cmp "$root/target/$triple/release/$1" "$elsewhere/target/$triple/release/$1"
echo "$1 is the same, byte by byte, wherever it is compiled."
