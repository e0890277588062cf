#!/bin/sh
# Tests the built images: prove.sh [ARCH]. NAMES="me login" tests these alone. The images for another kind of machine
# run under an emulator.
set -eu
case $(uname -m) in
    aarch64 | arm64) own=arm64 ;;
    *) own=x86_64 ;;
esac
ARCH=${1:-$own}
export ARCH
here=$(dirname "$0")
node --test --test-reporter=spec "$here/contents.mjs"

if [ "$(uname -s)" != Linux ]; then
    echo "The images were looked into, but not run: only Linux runs them." >&2
    exit 0
fi
if [ "$ARCH" != "$own" ]; then
    case $ARCH in arm64) emulator=qemu-aarch64-static ;; *) emulator=qemu-x86_64-static ;; esac
    command -v "$emulator" >/dev/null || "$here/../../infra/local/install.sh" "$emulator" qemu-user-static qemu
    EMULATOR=$(command -v "$emulator")
    export EMULATOR
fi
cargo build --quiet --package stand --example stores
# A separate network, where port 53 is free and no other process runs; processes that end with it; and permission to
# change the root directory, for any user, through namespaces. Inside we seem to be root, and the images' programs
# another user.
alone='--user --map-root-user --net --mount --pid --fork --kill-child --mount-proc'
# shellcheck disable=SC2086
if ! unshare $alone true; then
    echo 'error: the images cannot be run, because this machine forbids namespaces to its users. As root, try' >&2
    echo '  sysctl kernel.apparmor_restrict_unprivileged_userns=0' >&2
    exit 1
fi
# shellcheck disable=SC2086,SC2016
exec unshare $alone sh -ec 'ip link set lo up; exec node --test --test-reporter=spec "$1"' alone "$here/running.mjs"
