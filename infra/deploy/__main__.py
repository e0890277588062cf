"""Deploys a stage of samconfig.toml: the repository of images, the images, the API, and what stands in front of it.

Run by `make deploy`, with the Python environment of the SAM CLI. Before anything is built, a preflight reports every
fault that it can find, each with its remedy. Each step can be repeated: existing parts stay.
"""

import argparse
import os
import pathlib
import subprocess
import sys

# A cache next to the sources would make the checkout look changed.
sys.dont_write_bytecode = True

import account
import boto3
import botocore.exceptions
import source
import written
from findings import Finding
from samcli.yamlhelper import yaml_parse
from stage import Failure, Stage

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES_STACK = "login-images"
# CloudFront takes certificates and web ACLs only from there.
EDGE_REGION = "us-east-1"


def main() -> None:
    arguments = parse()
    try:
        stage = Stage.read(ROOT / "samconfig.toml", arguments.stage)
        found = preflight(stage, arguments)
        if found:
            print(*found, sep="\n", file=sys.stderr)
            sys.exit(f"error: nothing was changed; {len(found)} findings are above")
        confirm(stage, arguments)
        deploy(stage, arguments)
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except subprocess.CalledProcessError as failure:
        program = failure.cmd[0]
        sys.exit(f"error: {program} ended with {failure.returncode}; what was done before stays, and can be repeated")
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
        sys.exit(f"error: {failure}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Deploys a stage of samconfig.toml.")
    parser.add_argument("stage")
    parser.add_argument("--arch", choices=["arm64", "x86_64"], required=True)
    parser.add_argument("--version", help="a version that is in the registry already; default: this commit, built here")
    parser.add_argument("--yes", action="store_true", help="do not ask before a stage with confirm_changeset changes")
    return parser.parse_args()


def preflight(stage: Stage, arguments: argparse.Namespace) -> list[Finding]:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    names = sorted(manifest.parent.name for manifest in ROOT.glob("functions/*/Cargo.toml"))
    tags = [f"{name}-{arguments.version}-{arguments.arch}" for name in names] if arguments.version else []
    return [
        *written.findings(stage, template),
        *([] if arguments.version else source.findings(ROOT)),
        *account.Account(boto3.Session(), stage).findings(template, stacks(stage), tags),
    ]


def stacks(stage: Stage) -> dict[str, str]:
    """The stacks of a stage, and the region of each."""
    edge = {f"{stage.stack}-edge": EDGE_REGION} if stage.edge else {}
    return {IMAGES_STACK: stage.region, stage.stack: stage.region, **edge}


def confirm(stage: Stage, arguments: argparse.Namespace) -> None:
    """Asks once, for all stacks."""
    if not stage.confirm or arguments.yes:
        return
    for name, region in stacks(stage).items():
        print(f"{name} in {region}")
    try:
        answer = input(f"These stacks will be changed. To go on, type the name of the stage ({stage.name}): ")
    except EOFError:
        answer = ""
    if answer.strip() != stage.name:
        raise Failure("nothing was changed")


def deploy(stage: Stage, arguments: argparse.Namespace) -> None:
    if arguments.version is None:
        run("make", "images", "NAMES=functions", f"ARCH={arguments.arch}")
    version = arguments.version or built(arguments.arch)

    sam("--template", "infra/images.yaml", "--stack-name", IMAGES_STACK, "--region", stage.region)
    repository = outputs(IMAGES_STACK, stage.region)["Uri"]
    if arguments.version is None:
        options = [f"REPOSITORY={repository}", f"VERSION={version}", f"ARCH={arguments.arch}", "NAMES=functions"]
        run("make", "push", *options)

    # Parameters on the command line replace all those in the file. SAM asks for a repository if there are images; ours
    # already have their names.
    filled = [f"Version={version}", f"Architecture={arguments.arch}"]
    run(
        *("sam", "deploy", "--config-env", stage.name, "--no-confirm-changeset", "--image-repository", repository),
        *("--parameter-overrides", *stage.overrides, *filled),
    )
    told = outputs(stage.stack, stage.region)
    if stage.edge is None:
        print(f"The gateway is at https://{told['ApiHost']}; samconfig.toml puts nothing in front of it.")
    else:
        in_front(stage, told)
    if stage.leads_here:
        smoke(stage)
    else:
        print("The domain does not lead here yet. When it does, run the smoke test (docs/operations.md).")


def in_front(stage: Stage, told: dict[str, str]) -> None:
    name = f"{stage.stack}-edge"
    sam(
        *("--template", "infra/edge.yaml", "--stack-name", name, "--region", EDGE_REGION, "--parameter-overrides"),
        *(f"Domain={stage.edge['domain']}", f"HostedZone={stage.edge['hosted_zone']}"),
        *(f"ApiHost={told['ApiHost']}", f"ViewerHeader={told['ViewerHeader']}"),
        f"Records={'yes' if stage.leads_here else 'no'}",
    )
    for output, value in outputs(name, EDGE_REGION).items():
        print(f"{output}: {value}")


def smoke(stage: Stage) -> None:
    """One user's whole journey, by an account that `admin` makes and deletes with these credentials."""
    keys = boto3.Session().get_credentials().get_frozen_credentials()
    environment = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        **({"AWS_SESSION_TOKEN": keys.token} if keys.token else {}),
        "AWS_REGION": stage.region,
        "TABLE_PREFIX": stage.parameters.get("TablePrefix", "auth-"),
    }
    run(sys.executable, "infra/smoke.py", stage.parameters["PublicUrl"], "--admin", **environment)


def built(arch: str) -> str:
    command = ["python3", "infra/images", "version", "--arch", arch, "functions"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def sam(*options: str) -> None:
    """A stack next to the API's, without parameters in samconfig.toml."""
    run("sam", "deploy", "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3", *options)


def outputs(stack: str, region: str) -> dict[str, str]:
    described = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack)
    return {output["OutputKey"]: output["OutputValue"] for output in described["Stacks"][0].get("Outputs", [])}


def run(program: str, *arguments: str, **more: str) -> None:
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", **more}
    subprocess.run([program, *arguments], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
