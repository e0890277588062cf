"""Which programs become images, and the commit that these are named after."""

import pathlib
import subprocess
import tempfile
import unittest

import programs
import revision
from world import ROOT

FUNCTIONS = sorted(each.name for each in (ROOT / "functions").iterdir())


class Names(unittest.TestCase):
    def test_without_a_name_everything_is_meant(self):
        self.assertEqual(programs.names(ROOT, []), [*FUNCTIONS, "host", "dynamodb"])

    def test_functions_are_all_functions(self):
        self.assertEqual(programs.names(ROOT, ["functions"]), FUNCTIONS)
        self.assertEqual(programs.names(ROOT, ["host", "functions"]), [*FUNCTIONS, "host"])
        self.assertEqual(programs.names(ROOT, ["me", "host"]), ["me", "host"])

    def test_a_program_that_does_not_exist_is_named(self):
        with self.assertRaisesRegex(programs.Failure, "no program mee, hots;"):
            programs.names(ROOT, ["mee", "login", "hots"])


class Revision(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name) / "root"
        self.notes = pathlib.Path(directory.name) / "notes"
        self.root.mkdir()
        self.git("init", "--quiet")
        self.commit("first")

    def git(self, *arguments: str) -> str:
        by = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        command = ["git", "-C", str(self.root), *by, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, text: str) -> str:
        (self.root / "file").write_text(text)
        self.git("add", "file")
        self.git("commit", "--quiet", "--message", text)
        return self.git("rev-parse", "--short=12", "HEAD")

    def note(self, *names: str) -> None:
        revision.note(self.root, self.notes, list(names))

    def pushable(self, *names: str) -> str:
        return revision.pushable(self.root, self.notes, list(names))

    def test_images_are_named_after_the_commit_of_which_each_was_built(self):
        self.note("me")
        self.note("host")
        self.assertEqual(self.pushable("me", "host"), self.git("rev-parse", "--short=12", "HEAD"))

    def test_an_image_of_another_commit_is_not_pushed_under_this_one(self):
        self.note("me", "host")
        self.commit("second")
        self.note("host")
        self.assertEqual(self.pushable("host"), self.git("rev-parse", "--short=12", "HEAD"))
        with self.assertRaisesRegex(revision.Failure, "^me is of"):
            self.pushable("me", "host")

    def test_an_image_of_changed_files_has_no_commit(self):
        (self.root / "file").write_text("changed")
        self.note("me")
        self.git("checkout", "file")
        with self.assertRaisesRegex(revision.Failure, "not built from a commit: me, host;"):
            self.pushable("me", "host")
