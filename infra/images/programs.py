"""The programs that become images: each function; the host, in which all functions are linked; and its DynamoDB for
trying."""

import dataclasses
import pathlib


class Failure(Exception):
    """There is no such program."""


@dataclasses.dataclass(frozen=True)
class Group:
    """Programs that are compiled together. Cargo unites the features of what is selected together, so a function must
    not be compiled beside what needs more of a crate than functions do."""

    folder: str
    names: list[str]

    def manifests(self, root: pathlib.Path) -> dict[str, pathlib.Path]:
        return {name: root / self.folder / name / "Cargo.toml" for name in self.names}


def groups(root: pathlib.Path) -> list[Group]:
    functions = sorted(manifest.parent.name for manifest in root.glob("functions/*/Cargo.toml"))
    return [Group("functions", functions), Group("infra", ["host"]), Group("infra", ["dynamodb"])]


def names(root: pathlib.Path, chosen: list[str]) -> list[str]:
    """The chosen programs, or all; `functions` are all functions."""
    every = groups(root)
    known = [name for group in every for name in group.names]
    if unknown := [name for name in chosen if name not in ("functions", *known)]:
        raise Failure(f"there is no program {', '.join(unknown)}; there are: functions, {', '.join(known)}")
    wanted = {*chosen, *(every[0].names if "functions" in chosen else [])}
    return [name for name in known if not chosen or name in wanted]
