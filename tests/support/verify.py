"""Prints the claims of a JWT that PyJWT accepts. Standard input: {"token", "keys", "issuer", "audience"} as JSON."""

import json
import sys

import jwt

question = json.load(sys.stdin)
token = question["token"]
key = jwt.PyJWKClient(question["keys"]).get_signing_key_from_jwt(token)
claims = jwt.decode(
    token,
    key,
    algorithms=["ES256"],
    issuer=question["issuer"],
    audience=question["audience"],
    options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
)
json.dump(claims, sys.stdout)
