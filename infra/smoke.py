"""The whole journey of one user through a running API: smoke.py URL (--admin | --mails PAGE).

It proves what only the running API can: that the functions may do what they do in their stores, that an ending reaches
every store, that tokens verify. It makes an account of its own, with an address that it makes up. With `--admin`, the
program `admin` adds the account in the stores that the environment names (TABLE_PREFIX and the like), and deletes it at
the end. With `--mails`, the account registers, and its letter is read from the page of a mail catcher, as `make dev`
runs one; that account stays.

Prints a line for each step. Exits with 1 at the first that fails.
"""

import argparse
import collections.abc
import http.cookies
import json
import os
import pathlib
import re
import secrets
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt

ROOT = pathlib.Path(__file__).resolve().parents[1]
# What a cold start, a mail that is being sent, and a stream that tells of an ending may take, in seconds.
ANSWER, MAIL, STREAM = 30, 60, 90


class Failed(Exception):
    """A step did not end as it must."""


class Answer:
    """The answer to one request."""

    def __init__(self, status: int, headers, body: bytes):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> dict:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Failed(f"an answer is no JSON: {self.body[:200]!r}") from error


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """A browser with its own cookies, on a page of the API's own origin."""

    opener = urllib.request.build_opener(NoRedirect)

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        parts = urllib.parse.urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.cookies: dict[str, str] = {}
        self.csrf: str | None = None

    def send(self, method: str, path: str, given: dict | None = None, *, status: int) -> Answer:
        """The answer, which must have that status."""
        headers = {"Origin": self.origin, "Accept": "application/json", "User-Agent": "smoke"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        data = None
        if given is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(given).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        answer = self.answered(request)
        if answer.status != status:
            told = answer.body[:300].decode(errors="replace")
            raise Failed(f"{method} {path} answers {answer.status} instead of {status}: {told}")
        self.keep(answer)
        return answer

    def answered(self, request: urllib.request.Request) -> Answer:
        try:
            with self.opener.open(request, timeout=ANSWER) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())
        except OSError as error:
            raise Failed(f"{request.full_url} does not answer: {error}") from error

    def keep(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)

    def sign_in(self, email: str, password: str) -> None:
        told = self.send("POST", "/login", {"email": email, "password": password}, status=200)
        cookies = told.headers.get_all("Set-Cookie") or []
        if not cookies or not all("HttpOnly" in cookie and "Secure" in cookie for cookie in cookies):
            raise Failed("a sign-in sets no cookie, or one that is not HttpOnly and Secure")
        self.csrf = told.json["csrf_token"]


class Mails:
    """Makes the account by registering. `page` shows the mails."""

    def __init__(self, page: str):
        self.page = page

    def add(self, browser: Browser, email: str, password: str) -> None:
        browser.send("POST", "/register", {"email": email, "password": password}, status=202)
        token = until(MAIL, lambda: self.token(email), f"no mail for {email}")
        # The letter's reader is signed in by it.
        browser.csrf = browser.send("POST", "/register/verify", {"token": token}, status=201).json["csrf_token"]
        browser.send("POST", "/logout", status=204)
        browser.csrf = None

    def token(self, email: str) -> str | None:
        for mail in self.read("/mails"):
            if email in mail["to"]:
                found = re.search(r"#token=([\w-]{43})", self.read(f"/mails/{mail['id']}")["text"])
                return found and found[1]
        return None

    def read(self, path: str):
        try:
            with urllib.request.urlopen(self.page.rstrip("/") + path, timeout=ANSWER) as response:
                return json.load(response)
        except OSError as error:
            raise Failed(f"{self.page} shows no mails: {error}") from error

    def end_every_session(self, browser: Browser, _: str) -> None:
        browser.send("POST", "/logout/all", status=204)

    def remove(self, email: str) -> None:
        print(f"note {email} stays: only `admin users delete` removes an account")


class Admin:
    """Makes the account with the program `admin`. `command` is how that is run."""

    def __init__(self, command: str):
        self.command = shlex.split(command)

    def add(self, _: Browser, email: str, password: str) -> None:
        self.run("users", "add", email, PASSWORD=password)

    def end_every_session(self, _: Browser, email: str) -> None:
        self.run("users", "disable", email)

    def remove(self, email: str) -> None:
        self.run("users", "delete", email, "--yes")

    def run(self, *arguments: str, **more: str) -> None:
        done = subprocess.run(
            [*self.command, *arguments], cwd=ROOT, env=os.environ | more, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Failed(f"admin {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")


def journey(url: str, account: Mails | Admin) -> collections.abc.Iterator[str]:
    """The name of each step, once it has succeeded."""
    one, other = Browser(url), Browser(url)
    email = f"smoke-{secrets.token_hex(8)}@{urllib.parse.urlsplit(url).hostname}"
    if email.endswith(("@localhost", "@127.0.0.1")):
        email = email.partition("@")[0] + "@example.com"
    password = secrets.token_urlsafe(24)

    one.send("GET", "/health", status=200)
    yield "the stores answer"
    one.send("GET", "/me", status=401)
    one.send("POST", "/login", {"email": email, "password": password}, status=401)
    yield "a stranger stays outside"
    account.add(one, email, password)
    yield "there is an account"
    try:
        yield from signed_in(one, other, email, password)
        yield from ended(one, other, email, password, account)
    finally:
        account.remove(email)
    yield "the account is gone, or named above"


def signed_in(one: Browser, other: Browser, email: str, password: str) -> collections.abc.Iterator[str]:
    one.sign_in(email, password)
    if one.send("GET", "/me", status=200).json["user"]["email"] != email:
        raise Failed("/me tells of another user")
    yield "a password signs in"
    minted = one.send("POST", "/session/token", {}, status=200).json
    verified(minted, one.send("GET", "/.well-known/jwks.json", status=200).json, one.url)
    yield "a session's token verifies with the published keys"
    other.sign_in(email, password)
    sessions = one.send("GET", "/sessions", status=200).json["sessions"]
    [foreign] = [session["id"] for session in sessions if not session["current"]]
    one.send("DELETE", f"/sessions/{foreign}", status=204)
    other.send("GET", "/me", status=401)
    yield "a session that another one ends is over at once"


def ended(
    one: Browser, other: Browser, email: str, password: str, account: Mails | Admin
) -> collections.abc.Iterator[str]:
    kept = dict(one.cookies)
    one.send("POST", "/logout", status=204)
    one.cookies = kept
    one.send("GET", "/me", status=401)
    yield "after a logout a kept cookie opens nothing"
    for browser in (one, other):
        browser.cookies, browser.csrf = {}, None
        browser.sign_in(email, password)
    account.end_every_session(one, email)
    for browser in (one, other):
        until(STREAM, lambda browser=browser: over(browser), "a session outlives its revocation")
    yield "all sessions of a user end together"


def over(browser: Browser) -> bool:
    try:
        browser.send("GET", "/me?slide=false", status=401)
        return True
    except Failed:
        return False


def verified(minted: dict, keys: dict, issuer: str) -> None:
    """By the published keys alone, as another service does it."""
    try:
        wanted = jwt.get_unverified_header(minted["token"])["kid"]
        key = next(key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id == wanted)
        options = {"verify_aud": False, "require": ["exp", "iat", "sub", "sid"]}
        jwt.decode(minted["token"], key, algorithms=["ES256"], issuer=issuer, options=options)
    except (jwt.PyJWTError, StopIteration, KeyError) as error:
        raise Failed(f"the token does not verify: {error!r}") from error
    if minted["expires_in"] > 300:
        raise Failed("the token is valid for over five minutes")


def until(limit: float, asked: collections.abc.Callable, otherwise: str):
    """What `asked` answers, once that is something."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if answer := asked():
            return answer
        time.sleep(0.5)
    raise Failed(f"{otherwise} after {limit} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="PUBLIC_URL of the API")
    how = parser.add_mutually_exclusive_group(required=True)
    default = "cargo run --quiet --bin admin --"
    how.add_argument("--admin", nargs="?", const=default, help=f"how admin is run; by itself: {default}")
    how.add_argument("--mails", help="page of the mail catcher")
    arguments = parser.parse_args()
    account = Mails(arguments.mails) if arguments.mails else Admin(arguments.admin)
    try:
        for step in journey(arguments.url, account):
            print(f"ok   {step}", flush=True)
    except Failed as failure:
        sys.exit(f"fail {failure}")
    print("The whole journey succeeded.")


if __name__ == "__main__":
    main()
