"""The commit that images were built from, so that no image is pushed under another commit's name."""

import pathlib
import subprocess


class Failure(Exception):
    """The images have no commit to be named after."""


def note(root: pathlib.Path, directory: pathlib.Path, names: list[str]) -> None:
    """Records of what each program is about to be compiled: a commit, or nothing if files differ from it."""
    now = current(root)
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        place(directory, name).write_text(now)


def pushable(root: pathlib.Path, directory: pathlib.Path, names: list[str]) -> str:
    """The recorded commit of these programs, if it is still the one that is checked out."""
    noted = {name: place(directory, name).read_text() if place(directory, name).exists() else "" for name in names}
    unknown = [name for name, commit in noted.items() if not commit]
    if unknown:
        raise Failure(f"not built from a commit: {', '.join(unknown)}; commit, make images, or choose a VERSION")
    now = current(root)
    if other := [f"{name} is of {commit}" for name, commit in noted.items() if commit != now]:
        raise Failure(f"{', '.join(other)}, the files are not; make images, or choose a VERSION")
    return now


def place(directory: pathlib.Path, name: str) -> pathlib.Path:
    return directory / f"{name}.revision"


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
