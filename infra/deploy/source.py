"""What stands against building here: images are named after the commit that they were built from."""

import pathlib
import subprocess

from findings import Finding, Findings


def findings(root: pathlib.Path) -> Findings:
    asked = subprocess.run(["git", "-C", str(root), "status", "--porcelain"], capture_output=True, text=True)
    if asked.returncode != 0:
        yield Finding("this is no checkout", "Deploy from a clone of the repository, or say VERSION=… .")
    elif asked.stdout:
        yield Finding("files differ from the commit", "Commit them, or deploy an earlier version with VERSION=… .")
