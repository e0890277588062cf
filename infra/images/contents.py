"""The contents of an image, as a directory: a program."""

import collections.abc
import contextlib
import os
import pathlib
import shutil
import tempfile

# Every image of the same program is the same: all files have the epoch as their time, and the same owner and order.
MOMENT = 0


@contextlib.contextmanager
def of(program: pathlib.Path) -> collections.abc.Iterator[pathlib.Path]:
    """A directory with the contents of the image of `program`, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="login-image-") as directory:
        context = pathlib.Path(directory) / "root"
        context.mkdir()
        bootstrap = pathlib.Path(shutil.copyfile(program, context / "bootstrap"))
        for path, mode in ((bootstrap, 0o555), (context, 0o755)):
            path.chmod(mode)
            os.utime(path, (MOMENT, MOMENT))
        yield context
