"""What schemathesis is told beyond its settings.

Variables: ORIGIN is where the API is. With EMAIL and PASSWORD every case comes from somebody who has just signed in.
SECRETS is a file to which the answers that hold secrets are added, a line each: their kind and their text.
"""

import os

import requests
import schemathesis

COOKIE = "__Host-session_id"


@schemathesis.deserializer("text/html")
def page(context, response):
    return response.text


@schemathesis.hook
def filter_case(context, case):
    """Leaves out bodies that are not UTF-8: the local gateway answers those itself, with a 500 of its own, because it
    does not encode JSON bodies in base64 as a deployed one does."""
    try:
        return not isinstance(case.body, bytes) or bool(case.body.decode() or True)
    except UnicodeDecodeError:
        return False


def note(kind, value):
    with open(os.environ["SECRETS"], "a", encoding="utf-8") as file:
        file.write(f"{kind} {value}\n")


@schemathesis.hook
def after_call(context, case, response):
    for line in response.headers.get("set-cookie", []):
        note("set-cookie", line)
    if "json" in response.headers.get("content-type", [""])[0] and response.status_code == 200:
        note("body", response.text)


if "EMAIL" in os.environ:

    @schemathesis.auth(refresh_interval=None)
    class JustSignedIn:
        """A session for each case, so that a case that ends it spoils no other."""

        def get(self, case, context):
            credentials = {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]}
            origin = os.environ["ORIGIN"]
            answer = requests.post(f"{origin}/login", json=credentials, headers={"Origin": origin}, timeout=30)
            answer.raise_for_status()
            note("set-cookie", answer.headers["set-cookie"])
            note("body", answer.text)
            return answer.cookies[COOKIE], answer.json()["csrf_token"]

        def set(self, case, session, context):
            cookie, csrf = session
            case.cookies = {**(case.cookies or {}), COOKIE: cookie}
            case.headers["X-CSRF-Token"] = csrf
