#!/bin/sh
# The link rule: a function that only reads or ends sessions contains no password hash, no HTTP or mail client and no
# JWT code. Cargo would not report a violation: one dependency of a shared crate is enough.
set -eu
for function in me logout sessions health revocations; do
    linked=$(cargo tree --quiet --package "$function" --edges normal --prefix none)
    for heavy in argon2 oauth2 reqwest jsonwebtoken lettre zxcvbn aws-sdk-kms; do
        if echo "$linked" | grep -q "^$heavy v"; then
            echo "error: $function must not link $heavy, which comes in here:" >&2
            cargo tree --quiet --package "$function" --edges normal --invert "$heavy" >&2
            exit 1
        fi
    done
done
