"""The programs that become images: each function; the host, in which all functions are linked; and its DynamoDB for
trying."""

import dataclasses
import pathlib


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


def names(root: pathlib.Path) -> list[str]:
    return [name for group in groups(root) for name in group.names]
