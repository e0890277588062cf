"""What the smoke test does not accept. That it accepts the API is a journey: tests/journeys/smoke.mjs."""

import contextlib
import http.client
import http.server
import json
import subprocess
import sys
import threading
import time
import unittest

import jwt
import smoke
from cryptography.hazmat.primitives.asymmetric import ec
from world import ROOT


class Yes(http.server.BaseHTTPRequestHandler):
    """An API that refuses no request."""

    def do_GET(self):
        body = json.dumps({"user": {"email": "x"}, "csrf_token": "x"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Journey(unittest.TestCase):
    @contextlib.contextmanager
    def api(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Yes) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def ended(self, url: str) -> subprocess.CompletedProcess:
        command = [sys.executable, ROOT / "infra" / "smoke.py", url, "--mails", "http://127.0.0.1:1"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def test_an_api_that_refuses_nothing_fails(self):
        with self.api() as url:
            ended = self.ended(url)
        self.assertEqual((ended.returncode, ended.stdout), (1, "ok   the stores answer\n"))
        self.assertIn("GET /me answers 200 instead of 401", ended.stderr)

    def test_an_api_that_is_not_there_fails(self):
        ended = self.ended("http://127.0.0.1:1")
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn("does not answer", ended.stderr)

    def test_a_sign_in_without_a_cookie_or_with_an_open_one_fails(self):
        for cookies in [(), ("__Host-session_id=x; Path=/; Secure",), ("__Host-session_id=x; HttpOnly; Path=/",)]:
            answer = smoke.Answer(200, mock_headers(*cookies), b'{"csrf_token": "x"}')
            browser = smoke.Browser("http://127.0.0.1:1")
            browser.send = lambda *_, answer=answer, **__: answer
            with self.subTest(cookies), self.assertRaisesRegex(smoke.Failed, "HttpOnly"):
                browser.sign_in("a", "b")

    def test_a_removed_cookie_is_sent_no_more(self):
        browser = smoke.Browser("http://127.0.0.1:1")
        browser.keep(smoke.Answer(200, mock_headers("one=1; Path=/", "two=2; Path=/"), b""))
        browser.keep(smoke.Answer(200, mock_headers("one=; Path=/; Max-Age=0"), b""))
        self.assertEqual(browser.cookies, {"two": "2"})


class Tokens(unittest.TestCase):
    issuer = "https://api.acme.dev"

    def setUp(self):
        self.key, self.foreign = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        self.keys = {"keys": [public | {"kid": "1", "alg": "ES256", "use": "sig"}]}

    def minted(self, key, expires_in=300, kid="1", **claims) -> dict:
        now = int(time.time())
        told = {"iss": self.issuer, "sub": "u", "sid": "s", "iat": now, "exp": now + expires_in} | claims
        return {"token": jwt.encode(told, key, "ES256", {"kid": kid}), "expires_in": expires_in}

    def test_a_sound_token_verifies(self):
        smoke.verified(self.minted(self.key), self.keys, self.issuer)

    def test_any_other_does_not(self):
        for minted in [
            self.minted(self.foreign),
            self.minted(self.key, kid="2"),
            self.minted(self.key, iss="https://evil.example"),
            self.minted(self.key, exp=1),
            self.minted(self.key, expires_in=301),
        ]:
            with self.subTest(minted), self.assertRaises(smoke.Failed):
                smoke.verified(minted, self.keys, self.issuer)


def mock_headers(*cookies: str):
    """The headers of an answer that sets these cookies."""
    headers = http.client.HTTPMessage()
    for cookie in cookies:
        headers.add_header("Set-Cookie", cookie)
    return headers
