"""The programs that make images: docker, podman or buildah."""

import collections.abc
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

import contents

PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


class Failure(Exception):
    """No engine works here, or one refuses."""


class Engine:
    """docker, podman or buildah. `environment` is what its commands need in addition to this process's own."""

    def __init__(self, name: str, options: tuple[str, ...] = (), environment: dict[str, str] | None = None):
        self.name = name
        self.options = options
        self.environment = environment or {}

    def works(self) -> bool:
        """Being installed proves nothing: a client may have no engine to talk to. Without its plug-in buildx, docker
        records in an image when and where it was built."""
        checks = [["version"], ["buildx", "version"]] if self.name == "docker" else [["info"]]
        try:
            return all(self.call(*check, quiet=True) for check in checks)
        except Failure:
            return False

    def build(self, dockerfile: pathlib.Path, context: pathlib.Path, image: str, arch: str) -> None:
        """Builds one layer that does not reveal when or where it was made."""
        command = ["build", f"--timestamp={contents.MOMENT}"]
        if self.name == "docker":
            # An attestation makes it a list of images, which Lambda does not accept.
            command = ["buildx", "build", "--load", "--provenance=false"]
            command += [f"--build-arg=SOURCE_DATE_EPOCH={contents.MOMENT}"]
        options = [f"--platform={PLATFORMS[arch]}", "--no-cache", f"--tag={image}", f"--file={dockerfile}"]
        self.call(*command, *options, str(context), quiet=True)

    def save(self, image: str, archive: pathlib.Path) -> None:
        """Saves in the format that all of them write: manifest.json, a configuration, layers."""
        if self.name == "buildah":
            self.call("push", image, f"docker-archive:{archive}:{image}", quiet=True)
        else:
            form = ["--format=docker-archive"] if self.name == "podman" else []
            self.call("save", *form, f"--output={archive}", image, quiet=True)

    def push(self, image: str, reference: str) -> None:
        self.call("tag", image, reference, quiet=True)
        self.call("push", reference, quiet=True)

    @contextlib.contextmanager
    def logged_in(self, host: str, credentials: tuple[str, str] | None) -> collections.abc.Iterator["Engine"]:
        """This engine with credentials that end with the block and leave the user's own unchanged; without any, the
        engine itself."""
        if credentials is None:
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="login-push-") as directory:
            engine = Engine(self.name, self.options, self.environment | self.private(directory))
            user, password = credentials
            # Through a pipe: all users of the machine can read a command line.
            engine.call("login", f"--username={user}", "--password-stdin", host, given=password, quiet=True)
            yield engine

    def private(self, directory: str) -> dict[str, str]:
        if self.name != "docker":
            return {"REGISTRY_AUTH_FILE": f"{directory}/auth.json"}
        # The user's configuration also says where the engine is.
        context = json.loads(self.call("context", "inspect", quiet=True) or "")
        return {"DOCKER_CONFIG": directory, "DOCKER_HOST": context[0]["Endpoints"]["docker"]["Host"]}

    def call(self, command: str, *arguments: str, given: str | None = None, quiet: bool = False) -> str:
        """Returns what the command prints. With `quiet`, errors are held back, and shown only if it fails."""
        words = [self.name, *self.options, command, *arguments]
        errors = subprocess.PIPE if quiet else None
        environment = os.environ | self.environment
        try:
            done = subprocess.run(words, env=environment, input=given, stdout=subprocess.PIPE, stderr=errors, text=True)
        except FileNotFoundError as error:
            raise Failure(f"{self.name} is not installed") from error
        if done.returncode != 0:
            raise Failure(f"{self.name} {command} failed: {(done.stderr or '').strip() or 'what it says is above'}")
        return done.stdout


def find(root: pathlib.Path) -> Engine:
    """The one that `ENGINE` names, or the first that works."""
    wanted = os.environ.get("ENGINE")
    for engine in (Engine("docker"), Engine("podman"), buildah(root)):
        if wanted in (None, "", engine.name) and engine.works():
            return engine
    none = f"{wanted} does not work" if wanted else "neither docker (with buildx) nor podman nor buildah works"
    raise Failure(f"{none} here")


def buildah(root: pathlib.Path) -> Engine:
    """buildah needs no engine, and with these options nothing of the system: images of two files are plain directories
    (vfs) in this checkout, and isolation is only for commands in a Dockerfile, which has none."""
    store = root / ".local" / "images" / "store"
    options = ("--storage-driver=vfs", f"--root={store}", f"--runroot={store}-run")
    return Engine("buildah", options, {"BUILDAH_ISOLATION": "chroot"})
