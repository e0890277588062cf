"""Hooks for schemathesis, in addition to its settings.

Variables: ORIGIN is where the API is. With EMAIL and PASSWORD, every case comes from a user who has just signed in.
Answers that hold secrets are added to the file SECRETS, one line each: their kind and their text.
"""

import itertools
import os

import requests
import schemathesis

COOKIE = "__Host-session_id"
# Each case has its own address; otherwise the throttle would refuse them all.
ADDRESSES = (f"198.19.{number >> 8}.{number & 255}" for number in itertools.count(1))


@schemathesis.deserializer("text/html")
def page(context, response):
    return response.text


@schemathesis.hook
def filter_case(context, case):
    """Leaves out bodies that are not UTF-8: the local gateway answers those itself with a 500, because it does not
    encode JSON bodies in base64 as a deployed one does."""
    try:
        return not isinstance(case.body, bytes) or bool(case.body.decode() or True)
    except UnicodeDecodeError:
        return False


def note(kind, value):
    with open(os.environ["SECRETS"], "a", encoding="utf-8") as file:
        file.write(f"{kind} {value}\n")


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["X-Client-Address"] = next(ADDRESSES)


@schemathesis.hook
def after_call(context, case, response):
    for line in response.headers.get("set-cookie", []):
        note("set-cookie", line)
    if "json" in response.headers.get("content-type", [""])[0] and response.status_code in (200, 201):
        note("body", response.text)


if "EMAIL" in os.environ:

    @schemathesis.auth(refresh_interval=None)
    class JustSignedIn:
        """A session for each case, so that a case that ends its session does not affect others."""

        def get(self, case, context):
            credentials = {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]}
            origin = os.environ["ORIGIN"]
            headers = {"Origin": origin, "X-Client-Address": next(ADDRESSES)}
            answer = requests.post(f"{origin}/login", json=credentials, headers=headers, timeout=30)
            answer.raise_for_status()
            note("set-cookie", answer.headers["set-cookie"])
            note("body", answer.text)
            return answer.cookies[COOKIE], answer.json()["csrf_token"]

        def set(self, case, session, context):
            cookie, csrf = session
            case.cookies = {**(case.cookies or {}), COOKIE: cookie}
            # A case without the header tries what happens then.
            if "X-CSRF-Token" in case.headers:
                case.headers["X-CSRF-Token"] = csrf
