"""Builds the container images of all functions and of the host, and pushes them to a registry.

python3 infra/images compile  [--arch arm64|x86_64] [NAME…]
python3 infra/images assemble [--arch …] [--to DIRECTORY] [NAME…]
python3 infra/images describe [--arch …] --tool CARGO-CYCLONEDX
python3 infra/images push     [--arch …] --repository REGISTRY/NAME [--version TAG] [NAME…]
python3 infra/images version  [--arch …] [NAME…]
python3 infra/images architecture [--arch …]
python3 infra/images engine

NAME: a function, `host` or `dynamodb`; `functions` are all functions; default: everything.
ENGINE=docker, podman or buildah chooses the program that makes them; default: the first that works.
"""

import argparse
import pathlib
import sys

# A cache next to the sources would make the checkout look changed.
sys.dont_write_bytecode = True

import binaries
import components
import contents
import engines
import programs
import registry
import revision

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVES = ROOT / ".local" / "images"


def main() -> None:
    arguments = parse()
    try:
        arguments.run(arguments, binaries.Target.of(arguments.arch))
    except (
        *(binaries.Failure, components.Failure, engines.Failure, programs.Failure),
        *(registry.Failure, revision.Failure),
    ) as failure:
        sys.exit(f"error: {failure}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="infra/images", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for run in (compile_each, assemble, describe, push, version, architecture, engine):
        command = commands.add_parser(run.__name__.split("_")[0], help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--arch", choices=binaries.ARCHITECTURES, help="default: this machine's")
        if run is assemble:
            command.add_argument("--to", type=pathlib.Path, help="of the archives; default: .local/images/ARCH")
        if run in (compile_each, assemble, push, version):
            command.add_argument("names", nargs="*", help="functions, or host; default: all")
        if run is describe:
            command.add_argument("--tool", type=pathlib.Path, required=True, help="the program cargo-cyclonedx")
        if run is push:
            command.add_argument("--repository", required=True, help="such as REGISTRY/NAME")
            command.add_argument("--version", help="default: the commit that the images were built from")
    return parser.parse_args()


def compile_each(arguments: argparse.Namespace, target: binaries.Target) -> None:
    """compile each function, and the host, to one static program"""
    wanted = programs.names(ROOT, arguments.names)
    # Before a file can change.
    revision.note(ROOT, ARCHIVES / target.arch, wanted)
    for group in programs.groups(ROOT):
        if chosen := [name for name in group.names if name in wanted]:
            binaries.compile_some(ROOT, target, chosen, group.names)


def assemble(arguments: argparse.Namespace, target: binaries.Target) -> None:
    """put the compiled programs into images, and each image into an archive"""
    maker = engines.find(ROOT)
    directory = arguments.to or ARCHIVES / target.arch
    directory.mkdir(parents=True, exist_ok=True)
    for name in programs.names(ROOT, arguments.names):
        archive = directory / f"{name}.tar"
        archive.unlink(missing_ok=True)
        with contents.of(target.program(ROOT, name)) as context:
            maker.build(ROOT / "infra" / "Dockerfile", context, local_name(name, target), target.arch)
        maker.save(local_name(name, target), archive)
        print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB", flush=True)


def describe(arguments: argparse.Namespace, target: binaries.Target) -> None:
    """list the crates in each program, beside its archive: NAME.cdx.json"""
    components.describe(ROOT, target, arguments.tool.resolve(), programs.groups(ROOT), ARCHIVES / target.arch)


def push(arguments: argparse.Namespace, target: binaries.Target) -> None:
    """push the images as NAME-VERSION-ARCH; a tag that is there already is left alone"""
    names = programs.names(ROOT, arguments.names)
    tagged = arguments.version or revision.pushable(ROOT, ARCHIVES / target.arch, names)
    repository = registry.Repository.parse(arguments.repository)
    missing = [name for name in names if not (ARCHIVES / target.arch / f"{name}.tar").exists()]
    if missing:
        raise revision.Failure(f"there is no image of {', '.join(missing)} for {target.arch} yet: make images")
    credentials = registry.credentials(repository.host)
    with engines.find(ROOT).logged_in(repository.host, credentials) as maker:
        for name in names:
            tag = f"{name}-{tagged}-{target.arch}"
            if repository.has(tag, credentials):
                print(f"{repository}:{tag} is there already.", flush=True)
            else:
                maker.push(local_name(name, target), f"{repository}:{tag}")
                print(f"{repository}:{tag} pushed.", flush=True)


def version(arguments: argparse.Namespace, target: binaries.Target) -> None:
    """tell the commit that the images were built from, if it is the one that is checked out"""
    print(revision.pushable(ROOT, ARCHIVES / target.arch, programs.names(ROOT, arguments.names)))


def architecture(_: argparse.Namespace, target: binaries.Target) -> None:
    """tell the architecture that is meant"""
    print(target.arch)


def engine(_: argparse.Namespace, __: binaries.Target) -> None:
    """tell which of docker, podman and buildah works here"""
    print(engines.find(ROOT).name)


def local_name(name: str, target: binaries.Target) -> str:
    return f"localhost/login-api/{name}:{target.arch}"


if __name__ == "__main__":
    main()
