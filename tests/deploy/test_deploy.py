"""`python infra/deploy`, as `make deploy` runs it."""

import importlib.util
import io
import os
import subprocess
import sys
import unittest
from unittest import mock

from stage import Failure
from world import FAULTLESS, ROOT, stage

read = importlib.util.spec_from_file_location("deploy", ROOT / "infra" / "deploy" / "__main__.py")
deploy = importlib.util.module_from_spec(read)
read.loader.exec_module(deploy)


def arguments(*words: str):
    with mock.patch.object(sys, "argv", ["deploy", "prod", "--arch", "arm64", *words]):
        return deploy.parse()


class Program(unittest.TestCase):
    def test_without_credentials_every_fault_is_told_at_once_and_nothing_is_built(self):
        lone = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
        command = [sys.executable, ROOT / "infra" / "deploy", "prod", "--arch", "arm64", "--version", "1"]
        ended = subprocess.run(command, env=lone, capture_output=True, text=True, timeout=60)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(ended.stdout, "")
        for told in ["there are no AWS credentials", "hosted_zone is still the example's", "nothing was changed"]:
            self.assertIn(told, ended.stderr)


class Confirmed(unittest.TestCase):
    def answered(self, text: str, tried=FAULTLESS, *words: str) -> str:
        with (
            mock.patch("sys.stdin", io.StringIO(text)),
            mock.patch("sys.stdout", io.StringIO()) as told,
        ):
            deploy.confirm(tried, arguments(*words))
        return told.getvalue()

    def test_a_person_is_asked_once_about_all_stacks(self):
        told = self.answered("prod\n")
        for name in ["login-images", "login in", "login-edge"]:
            self.assertIn(name, told)

    def test_any_other_answer_changes_nothing(self):
        for text in ["", "\n", "y\n", "dev\n"]:
            with self.subTest(text), self.assertRaises(Failure):
                self.answered(text)

    def test_a_stage_that_wants_no_question_and_a_caller_who_has_answered_are_not_asked(self):
        self.assertEqual(self.answered("", stage(confirm=False)), "")
        self.assertEqual(self.answered("", FAULTLESS, "--yes"), "")


class Steps(unittest.TestCase):
    def commands(self, *words: str, **parts) -> list[list[str]]:
        keys = mock.Mock(access_key="key", secret_key="secret", token="token")
        credentials = mock.Mock(get_frozen_credentials=lambda: keys)
        outputs = {"Uri": "registry/login-api", "ApiHost": "a.example", "ViewerHeader": "x-viewer-1"}
        with (
            mock.patch.object(deploy, "run") as run,
            mock.patch.object(deploy, "outputs", return_value=outputs),
            mock.patch.object(deploy, "built", return_value="0123456789ab"),
            mock.patch.object(deploy.boto3.Session, "get_credentials", return_value=credentials),
            mock.patch("sys.stdout", io.StringIO()),
        ):
            deploy.deploy(stage(**parts), arguments(*words))
        self.environment = run.call_args.kwargs
        return [list(call.args) for call in run.call_args_list]

    def test_images_are_built_and_pushed_before_the_api_is_deployed(self):
        built, images, pushed, api, edge, _ = self.commands()
        self.assertEqual(built, ["make", "images", "NAMES=functions", "ARCH=arm64"])
        self.assertIn("infra/images.yaml", images)
        push = ["make", "push", "REPOSITORY=registry/login-api", "VERSION=0123456789ab", "ARCH=arm64"]
        self.assertEqual(pushed, [*push, "NAMES=functions"])
        self.assertEqual(api[-2:], ["Version=0123456789ab", "Architecture=arm64"])
        self.assertIn("infra/edge.yaml", edge)

    def test_a_version_of_the_registry_is_neither_built_nor_pushed(self):
        images, api, edge, _ = self.commands("--version", "abc")
        self.assertEqual(api[-2:], ["Version=abc", "Architecture=arm64"])

    def test_sam_asks_nothing_more(self):
        for command in self.commands():
            if command[0] == "sam":
                self.assertIn("--no-confirm-changeset", command)

    def test_without_an_edge_there_is_no_edge_stack(self):
        self.assertFalse(any("infra/edge.yaml" in command for command in self.commands(edge=None)))

    def test_at_the_end_a_user_of_its_own_makes_the_whole_journey(self):
        for parts in [{}, {"edge": None}]:
            smoke = self.commands(**parts)[-1]
            self.assertEqual(smoke[1:], ["infra/smoke.py", "https://app.acme.dev/auth", "--admin"])
            self.assertEqual(self.environment["TABLE_PREFIX"], "auth-")
            self.assertEqual(self.environment["AWS_SESSION_TOKEN"], "token")

    def test_a_domain_that_leads_elsewhere_is_not_asked(self):
        self.assertEqual(
            [each for each in self.commands(edge=stage().edge | {"records": "no"}) if "infra/smoke.py" in each], []
        )

    def test_the_edge_leaves_records_alone_if_the_stage_says_so(self):
        for given, wanted in [({}, "Records=yes"), ({"records": "no"}, "Records=no")]:
            [edge] = [command for command in self.commands(edge=stage().edge | given) if "infra/edge.yaml" in command]
            self.assertIn(wanted, edge)
