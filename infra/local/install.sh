#!/bin/sh
# Installs a program of the operating system, or says how to.
#
# install.sh PROGRAM DEBIAN_PACKAGE BREW_FORMULA
set -eu
program=$1 debian=$2 brew=$3

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

echo "$program is needed and missing; installing it." >&2
if command -v apt-get >/dev/null; then
    if as_root apt-get install -y -q "$debian" || { as_root apt-get update -q && as_root apt-get install -y -q "$debian"; }; then
        exit 0
    fi
    echo "error: that failed. As root: apt-get update && apt-get install $debian" >&2
elif command -v brew >/dev/null; then
    # A formula without options, or an application: --cask NAME.
    # shellcheck disable=SC2086
    brew install $brew && exit 0
    echo "error: that failed. By hand: brew install $brew" >&2
else
    echo "error: no apt-get and no brew here. Install $program with this system's package manager, and try again." >&2
fi
exit 1
