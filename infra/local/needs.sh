#!/bin/sh
# Checks that the three programs are here which nothing else can be installed without, each new enough, and says how to
# install what is not.
set -u
missing=0

# need NAME LEAST FOUND REMEDY
need() {
    if [ -z "$3" ]; then
        echo "error: $1 $2 or later is needed, and there is none. $4" >&2
    elif [ "$(printf '%s\n%s\n' "$2" "$3" | sort -V | head -n 1)" != "$2" ]; then
        echo "error: $1 $2 or later is needed, and this is $3. $4" >&2
    else
        return
    fi
    missing=1
}

# The first number in what a program says of its version.
version() {
    "$@" 2>/dev/null | sed -n 's/[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1
}

if command -v rustup >/dev/null; then rust='Try: rustup update stable'; else rust='See https://rustup.rs'; fi
if command -v apt-get >/dev/null; then
    python='Try: apt-get install python3 python3-venv'
    node='Try: apt-get install nodejs npm; if that is too old, see https://nodejs.org/en/download'
else
    python='Try: brew install python' node='Try: brew install node'
fi
need Rust 1.95 "$(version cargo --version)" "$rust"
need Python 3.11 "$(version python3 --version)" "$python"
need Node.js 20.19 "$(version node --version)" "$node"
need npm 9 "$(version npm --version)" "$node"
exit "$missing"
