#!/bin/sh
# The link rules. Cargo would not report a violation: one dependency of a shared crate is enough.
set -eu

# links PACKAGE EDGES CRATE…: refuses each of these crates among what the package is built of.
links() {
    package=$1 edges=$2
    shift 2
    linked=$(cargo tree --quiet --package "$package" --edges "$edges" --prefix none)
    for heavy in "$@"; do
        if echo "$linked" | grep -q "^$heavy v"; then
            echo "error: $package must not link $heavy, which comes in here:" >&2
            cargo tree --quiet --package "$package" --edges "$edges" --invert "$heavy" >&2
            exit 1
        fi
    done
}

# A function that only reads or ends sessions contains no password hash, no HTTP or mail client and no JWT code.
for function in me logout sessions health revocations; do
    links "$function" normal argon2 oauth2 reqwest jsonwebtoken lettre zxcvbn aws-sdk-kms
done
# No function contains the SDK's own HTTP client, which trusts whom the machine trusts.
for function in functions/*; do
    links "${function##*/}" normal aws-smithy-http-client
done
# Tests of what knows no HTTP are built without the functions' side of it, and without command lines.
for crate in dynamo oidc outbox session throttle; do
    links "$crate" normal,dev argon2 clap lambda_http
done
