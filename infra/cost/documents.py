"""The documents that say what a month costs."""

import collections.abc
import difflib
import pathlib

from bills import Model
from pages import Language, written
from tables import TABLES

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Each with its language. Only tables and figures that are marked are touched.
DOCUMENTS = {
    **{"docs/anywhere.md": "en", "docs/cost.md": "en", "docs/operations.md": "en"},
    "docs/3.decisoes.md": "pt",
}


def meant(name: str, text: str, model: Model) -> str:
    """The text of a document, as it follows from the model."""
    return written(text, Language(model, DOCUMENTS[name]), TABLES)


def differences() -> collections.abc.Iterator[str]:
    """Where a document says something else than the model, as lines of a diff."""
    model = Model.read()
    for name in DOCUMENTS:
        text = (ROOT / name).read_text()
        yield from difflib.unified_diff(
            text.splitlines(),
            meant(name, text, model).splitlines(),
            name,
            f"{name}, as the model says",
            n=0,
            lineterm="",
        )


def correct() -> None:
    model = Model.read()
    for name in DOCUMENTS:
        file = ROOT / name
        file.write_text(meant(name, file.read_text(), model))
