"""The commit that images were built from, so that no image is pushed under another commit's name."""

import pathlib
import subprocess


class Failure(Exception):
    """The images have no commit to be named after."""


def note(root: pathlib.Path, file: pathlib.Path, whole: bool) -> None:
    """Records what is about to be compiled: a commit, or nothing if files differ from it. Unless it is the `whole`, the
    rest must be from the same commit."""
    now = current(root)
    same = whole or (file.exists() and file.read_text() == now)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(now if same else "")


def pushable(root: pathlib.Path, file: pathlib.Path) -> str:
    """The recorded commit, if it is still the one that is checked out."""
    noted = file.read_text() if file.exists() else ""
    if not noted:
        raise Failure("the images were not built from a commit alone; commit, make images, or choose a VERSION")
    if noted != current(root):
        raise Failure(f"the images are of {noted}, the files are not; make images, or choose a VERSION")
    return noted


def current(root: pathlib.Path) -> str:
    """The commit, in twelve digits; empty if files differ from it or there is none."""
    changes = git(root, "status", "--porcelain")
    return git(root, "rev-parse", "--short=12", "HEAD") or "" if changes == "" else ""


def git(root: pathlib.Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
