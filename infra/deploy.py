"""Deploys a stage of samconfig.toml: the repository of images, the images, the API, and what stands in front of it.

Run by `make deploy`, with the Python environment of the SAM CLI. Each step can be repeated: existing parts stay. A
stack whose very first deployment failed has to be deleted before (docs/operations.md).
"""

import argparse
import os
import pathlib
import subprocess
import sys

import boto3
import botocore.exceptions
import tomlkit

ROOT = pathlib.Path(__file__).resolve().parents[1]
IMAGES_STACK = "login-images"
# CloudFront takes certificates and web ACLs only from there.
EDGE_REGION = "us-east-1"


def main() -> None:
    parser = argparse.ArgumentParser(description="Deploys a stage of samconfig.toml.")
    parser.add_argument("stage")
    parser.add_argument("--arch", choices=["arm64", "x86_64"], required=True)
    parser.add_argument(
        "--version", help="a tag that is in the registry already; without it what was built from this commit"
    )
    arguments = parser.parse_args()
    stages = tomlkit.parse((ROOT / "samconfig.toml").read_text())
    stage = stages.get(arguments.stage)
    if not isinstance(stage, dict) or "deploy" not in stage:
        known = ", ".join(name for name, value in stages.items() if isinstance(value, dict))
        sys.exit(f"error: samconfig.toml has no stage {arguments.stage}, but: {known}")
    try:
        deploy(arguments, stage)
    except subprocess.CalledProcessError as failure:
        program = failure.cmd[0]
        sys.exit(f"error: {program} ended with {failure.returncode}; what was done before stays, and can be repeated")
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
        sys.exit(f"error: {failure}")


def deploy(arguments: argparse.Namespace, stage: dict) -> None:
    settings = stage["deploy"]["parameters"]
    region, stack = settings["region"], settings["stack_name"]
    # Before anything is deployed: images without a commit have no version that could be deployed again.
    version = arguments.version or built(arguments.arch)

    sam("--template", "infra/images.yaml", "--stack-name", IMAGES_STACK, "--region", region)
    repository = outputs(IMAGES_STACK, region)["Uri"]
    if arguments.version is None:
        run("make", "push", f"REPOSITORY={repository}", f"VERSION={version}", f"ARCH={arguments.arch}")

    # Parameters on the command line replace all those in the file.
    overrides = [*settings["parameter_overrides"], f"Version={version}", f"Architecture={arguments.arch}"]
    # SAM asks for a repository if there are images; ours already have their names.
    run(
        "sam", "deploy", "--config-env", arguments.stage, "--image-repository", repository,
        "--parameter-overrides", *overrides,
    )

    told = outputs(stack, region)
    edge = stage.get("edge", {}).get("parameters")
    if edge is None:
        print(f"The gateway is at https://{told['ApiHost']}; samconfig.toml puts nothing in front of it.")
        return
    sam(
        "--template", "infra/edge.yaml", "--stack-name", f"{stack}-edge", "--region", EDGE_REGION,
        "--parameter-overrides",
        f"Domain={edge['domain']}", f"HostedZone={edge['hosted_zone']}",
        f"ApiHost={told['ApiHost']}", f"ViewerHeader={told['ViewerHeader']}", f"Records={edge.get('records', 'yes')}",
    )
    for name, value in outputs(f"{stack}-edge", EDGE_REGION).items():
        print(f"{name}: {value}")


def built(arch: str) -> str:
    command = ["python3", "infra/images", "version", "--arch", arch]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def sam(*options: str) -> None:
    """A stack next to the API's, without parameters in samconfig.toml."""
    run("sam", "deploy", "--no-fail-on-empty-changeset", "--resolve-s3", *options)


def outputs(stack: str, region: str) -> dict[str, str]:
    described = boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack)
    return {output["OutputKey"]: output["OutputValue"] for output in described["Stacks"][0].get("Outputs", [])}


def run(program: str, *arguments: str) -> None:
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0"}
    subprocess.run([program, *arguments], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
