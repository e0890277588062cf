"""A stage of samconfig.toml: what its stacks are called, where they are, and with which parameters."""

import dataclasses
import pathlib

import tomlkit


class Failure(Exception):
    """There is no such stage, or a part without which it has no name or place is missing."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """`overrides` are the parameters as they are written, `Name=Value`. `edge` is what stands in front, if anything
    does. `confirm`: a person is asked before something changes."""

    name: str
    region: str
    stack: str
    overrides: tuple[str, ...]
    edge: dict[str, str] | None
    confirm: bool

    @classmethod
    def read(cls, file: pathlib.Path, name: str) -> "Stage":
        stages = tomlkit.parse(file.read_text()).unwrap()
        table = stages.get(name)
        if not isinstance(table, dict) or "deploy" not in table:
            known = ", ".join(other for other, value in stages.items() if isinstance(value, dict))
            raise Failure(f"{file.name} has no stage {name}, but: {known}")
        settings = table["deploy"].get("parameters", {})
        missing = [key for key in ("region", "stack_name", "parameter_overrides") if key not in settings]
        if missing:
            raise Failure(f"[{name}.deploy.parameters] of {file.name} has no {', '.join(missing)}")
        overrides = settings["parameter_overrides"]
        if not isinstance(overrides, list):
            raise Failure(f'parameter_overrides of {name} is no list; write one "Name=Value" a line')
        edge = table.get("edge", {}).get("parameters")
        confirm = bool(settings.get("confirm_changeset", False))
        return cls(name, settings["region"], settings["stack_name"], tuple(overrides), edge, confirm)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by name, without the quotes that SAM wants around some values."""
        pairs = (override.partition("=") for override in self.overrides)
        return {name: value.removeprefix('"').removesuffix('"') for name, _, value in pairs}

    @property
    def domain(self) -> tuple[str, str]:
        """The domain that gets a certificate, and the hosted zone that must own it; empty where they are not given."""
        if self.edge:
            return self.edge.get("domain", ""), self.edge.get("hosted_zone", "")
        return self.parameters.get("ApiDomain", ""), self.parameters.get("HostedZone", "")

    @property
    def leads_here(self) -> bool:
        """Whether the domain's records are made, and not left to something that is live there."""
        return self.edge is None or self.edge.get("records", "yes") == "yes"
