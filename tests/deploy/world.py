"""What the tests of `infra/deploy` share: the template that it deploys, and a stage without a fault."""

import dataclasses
import pathlib

from samcli.yamlhelper import yaml_parse
from stage import Stage

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
FAULTLESS = Stage(
    name="prod",
    region="us-east-1",
    stack="login",
    overrides=(
        "PublicUrl=https://app.acme.dev/auth",
        "AppUrl=https://app.acme.dev",
        "AllowedOrigins=https://app.acme.dev",
        'MailFrom="Acme <login@acme.dev>"',
        "BrandName=Acme",
        "SecretName=login",
        "LogRetention=400",
    ),
    edge={"domain": "app.acme.dev", "hosted_zone": "Z1ABCDEFGHIJKL"},
    confirm=True,
)


def stage(*overrides: str, without: str | None = None, **parts) -> Stage:
    """The stage without a fault, but with these parameters and parts."""
    names = {override.partition("=")[0] for override in overrides} | {without}
    kept = [override for override in FAULTLESS.overrides if override.partition("=")[0] not in names]
    return dataclasses.replace(FAULTLESS, overrides=(*kept, *overrides), **parts)
