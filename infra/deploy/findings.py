"""What the preflight reports."""

import collections.abc
import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """A fault that would end a deployment halfway or spoil its result, and its remedy."""

    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"- {self.fault}\n  {self.remedy}"


# What one check gives.
Findings = collections.abc.Iterator[Finding]
