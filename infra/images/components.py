"""Lists what a program is made of: a bill of materials (CycloneDX) of the crates that are compiled into it."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import binaries
import programs

SPECIFICATION = "1.5"
# The name of the scratch copy in the documents, as in the programs.
SOURCE = "path+file:///source"


class Failure(Exception):
    """The components cannot be listed here."""


def describe(
    root: pathlib.Path, target: binaries.Target, tool: pathlib.Path, groups: list[programs.Group], to: pathlib.Path
) -> None:
    """Writes `NAME.cdx.json` for each program. The tool writes next to each manifest, so it works on a copy."""
    with tempfile.TemporaryDirectory(prefix="login-components-") as directory:
        scratch = pathlib.Path(directory).resolve()
        copy_sources(root, scratch)
        command = [tool, "cyclonedx", "-qq", "--format=json", f"--spec-version={SPECIFICATION}", "--no-build-deps"]
        run([*command, f"--target={target.triple}", f"--manifest-path={scratch / 'Cargo.toml'}"], scratch)
        to.mkdir(parents=True, exist_ok=True)
        for group in groups:
            linked = linked_by_each(root, target, group.names)
            for name, manifest in group.manifests(scratch).items():
                text = manifest.with_name(f"{name}.cdx.json").read_text()
                document = narrowed(json.loads(text.replace(f"path+file://{scratch}", SOURCE)), linked[name])
                (to / f"{name}.cdx.json").write_text(json.dumps(document, indent=2) + "\n")


def copy_sources(root: pathlib.Path, scratch: pathlib.Path) -> None:
    listed = run(["git", "ls-files", "-z", "--", "*.rs", "*Cargo.toml", "Cargo.lock"], root)
    for name in filter(None, listed.split("\0")):
        if (root / name).exists():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, scratch / name)


def linked_by_each(root: pathlib.Path, target: binaries.Target, names: list[str]) -> dict[str, set[tuple[str, str]]]:
    """Name and version of every crate below each program, itself included, with the features that its group unites, as
    they are compiled (`binaries.compile_some`)."""
    packages = [f"--package={name}" for name in names]
    command = ["cargo", "tree", "--quiet", "--locked", "--edges=normal", "--prefix=depth", f"--target={target.triple}"]
    below: dict[tuple[str, str], set[tuple[str, str]]] = {}
    path: list[tuple[str, str]] = []
    for depth, name, version in re.findall(r"^(\d+)(\S+) v(\S+)", run([*command, *packages], root), re.MULTILINE):
        del path[int(depth) :]
        below.setdefault((name, version), set())
        if path:
            below[path[-1]].add((name, version))
        path.append((name, version))
    return {name: reached(below, next(crate for crate in below if crate[0] == name)) for name in names}


def reached(below: dict[tuple[str, str], set[tuple[str, str]]], start: tuple[str, str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    ahead = [start]
    while ahead:
        crate = ahead.pop()
        if crate not in found:
            found.add(crate)
            ahead += below[crate]
    return found


def narrowed(document: dict, linked: set[tuple[str, str]]) -> dict:
    """The document without crates that are not compiled: the tool also lists optional dependencies that no feature
    enables. The same sources give the same document, so it has no serial number and no time."""
    here = {component["bom-ref"] for component in document["components"] if crate_of(component) in linked}
    itself = document["metadata"]["component"]
    missing = linked - {crate_of(component) for component in [*document["components"], itself]}
    if missing:
        raise Failure(f"the bill of materials of {itself['name']} lacks {sorted(missing)}")
    del document["serialNumber"], document["metadata"]["timestamp"]
    document["components"] = [component for component in document["components"] if component["bom-ref"] in here]
    here.add(itself["bom-ref"])
    document["dependencies"] = [
        dependency | {"dependsOn": [ref for ref in dependency.get("dependsOn", []) if ref in here]}
        for dependency in document["dependencies"]
        if dependency["ref"] in here
    ]
    return document


def crate_of(component: dict) -> tuple[str, str]:
    return component["name"], component["version"]


def run(command: list, directory: pathlib.Path) -> str:
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is not installed: make sbom") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()}")
    return done.stdout
