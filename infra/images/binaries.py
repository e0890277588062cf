"""Builds static programs of the functions: the same bytes wherever the same sources are compiled."""

import dataclasses
import os
import pathlib
import platform
import re
import shutil
import subprocess

ARCHITECTURES = ("arm64", "x86_64")
# The names that Rust and other systems use.
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}
TRIPLES = {"arm64": "aarch64", "x86_64": "x86_64"}


class Failure(Exception):
    """Nothing can be compiled for this target here."""


@dataclasses.dataclass(frozen=True)
class Target:
    """The target of the programs: `native` if this machine's own compiler and linker make them."""

    arch: str
    triple: str
    native: bool

    @classmethod
    def of(cls, arch: str | None) -> "Target":
        here = MACHINES.get(platform.machine())
        arch = arch or here
        if arch is None:
            raise Failure(f"{platform.machine()} is no architecture of functions; say ARCH=arm64 or ARCH=x86_64")
        if arch == here and platform.system() == "Linux":
            return cls(arch, printed("rustc", "--print", "host-tuple"), native=True)
        return cls(arch, f"{TRIPLES[arch]}-unknown-linux-musl", native=False)

    def program(self, root: pathlib.Path, name: str) -> pathlib.Path:
        if self.native:
            return root / "target" / self.triple / "release" / name
        return self.moved(root) / name / "bootstrap"

    def moved(self, root: pathlib.Path) -> pathlib.Path:
        """The directory to which cargo-lambda moves the programs: one for each kind of machine."""
        return root / "target" / "lambda" / self.arch


def compile_some(root: pathlib.Path, target: Target, wanted: list[str], names: list[str]) -> None:
    """Compiles the requested programs. All programs of their group are selected, because cargo unites the features of
    what is selected together: alone, a function may get others."""
    command = ["cargo", "build"] if target.native else foreign(root, target)
    packages = [f"--package={name}" for name in names]
    # With an explicit target, the flags do not apply to build scripts and procedural macros, which a static C library
    # would break.
    command += ["--release", "--locked", f"--target={target.triple}"]
    command += [*packages, *(f"--bin={name}" for name in wanted)]
    # cargo-lambda passes `--target-dir` on to a command that does not know it.
    environment = os.environ | flags(root, target) | {"CARGO_TARGET_DIR": str(root / "target")}
    if subprocess.run(command, cwd=root, env=environment).returncode != 0:
        raise Failure("the functions could not be compiled; what cargo says is above")


def flags(root: pathlib.Path, target: Target) -> dict[str, str]:
    """Makes the paths in panic messages the same on every machine."""
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    # The path of the standard library if its sources are not installed.
    commit = re.search("^commit-hash: (.*)$", printed("rustc", "--version", "--verbose"), re.MULTILINE)[1]
    library = pathlib.Path(printed("rustc", "--print", "sysroot")) / "lib" / "rustlib" / "src" / "rust"
    paths = {home: "/cargo", root: "/source", library: f"/rustc/{commit}"}
    rust = ["-Ctarget-feature=+crt-static"]
    # Random bytes come from the kernel's call. A static program would search for it in a library that does not exist,
    # and fall back to a file that an image need not have.
    rust += ["--cfg", 'getrandom_backend="linux_getrandom"']
    rust += [f"--remap-path-prefix={path}={name}" for path, name in paths.items()]
    if target.native and glibc() >= (2, 36):
        # Relocations are stored as bits instead of 24 bytes each, which saves 0.7 MB. A static program reads them
        # itself, by code of its C library.
        rust += ["-Clink-arg=-Wl,-z,pack-relative-relocs"]
    return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(rust)}


def foreign(root: pathlib.Path, target: Target) -> list[str]:
    """For another system, cargo-lambda compiles with zig as linker and C compiler."""
    library = pathlib.Path(printed("rustc", "--print", "target-libdir", "--target", target.triple))
    if not any(library.glob("libstd-*")):
        add_standard_library(target.triple)
    # Only Cargo.toml decides about optimisation.
    tools = root / ".local" / "tools" / "bin"
    os.environ["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return [
        *(str(tools / "cargo-lambda"), "lambda", "build"),
        *("--disable-optimizations", f"--lambda-dir={target.moved(root)}"),
    ]


def add_standard_library(triple: str) -> None:
    """Rustup has the standard library for other systems. A toolchain of the system's packages has no rustup."""
    if shutil.which("rustup") is None:
        raise Failure(
            f"this Rust toolchain has no standard library for {triple}, and rustup, which could add it, is not here"
        )
    if subprocess.run(["rustup", "target", "add", triple]).returncode != 0:
        raise Failure(f"rustup could not add the standard library for {triple}; what it says is above")


def glibc() -> tuple[int, ...]:
    """The version of this machine's C library; none if it is not GNU's."""
    name = "CS_GNU_LIBC_VERSION"
    found = re.match(r"glibc (\d+)\.(\d+)", (name in os.confstr_names and os.confstr(name)) or "")
    return tuple(map(int, found.groups())) if found else ()


def printed(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
