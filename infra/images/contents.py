"""The contents of an image, as a directory: a program, and the roots that TLS trusts."""

import collections.abc
import contextlib
import os
import pathlib
import shutil
import tempfile

# Every image of the same program is the same: all files have the epoch as their time, and the same owner and order.
MOMENT = 0
# Where rustls-native-certs looks first on Linux. The roots are Mozilla's, from the pinned version of certifi.
ROOTS = "etc/ssl/certs/ca-certificates.crt"


@contextlib.contextmanager
def of(root: pathlib.Path, program: pathlib.Path) -> collections.abc.Iterator[pathlib.Path]:
    """A directory with the contents of the image of `program`, for as long as it is needed."""
    certifi = next((root / ".local" / "tools" / "lib").glob("python3*/site-packages/certifi/cacert.pem"))
    with tempfile.TemporaryDirectory(prefix="login-image-") as directory:
        context = pathlib.Path(directory) / "root"
        add(context, "bootstrap", program, 0o555)
        add(context, ROOTS, certifi, 0o444)
        for path, _, _ in os.walk(context, topdown=False):
            os.chmod(path, 0o755)
            os.utime(path, (MOMENT, MOMENT))
        yield context


def add(context: pathlib.Path, name: str, source: pathlib.Path, mode: int) -> None:
    path = context / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
    path.chmod(mode)
    os.utime(path, (MOMENT, MOMENT))
