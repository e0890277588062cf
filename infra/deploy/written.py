"""What is wrong with a stage as it is written in samconfig.toml. AWS is not asked."""

import re

import click
from findings import Finding, Findings
from samcli.cli.types import CfnParameterOverridesType
from stage import Stage

# Names that are for documentation (RFC 2606), and the zone that the file comes with.
EXAMPLE = re.compile(r"(?:^|[/@.\s<])(?:[\w-]+\.)*example(?:\.(?:com|net|org))?(?=$|[/:>,\s])|^Z0+$|…", re.IGNORECASE)
# `make deploy` fills these in.
FILLED = {"Version", "Architecture"}


def findings(stage: Stage, template: dict) -> Findings:
    """Of a stage and the template that it deploys."""
    yield from cut(stage)
    yield from unknown(stage, template["Parameters"])
    yield from unfit(stage, template["Parameters"])
    yield from placeholders(stage)
    yield from contradictions(stage, template["Parameters"])


def cut(stage: Stage) -> Findings:
    """SAM reads a value up to the first blank unless it is quoted, and takes no empty one."""
    for override in stage.overrides:
        name, _, value = override.partition("=")
        try:
            read = CfnParameterOverridesType().convert([override], None, None)
        except click.ClickException:
            read = {}
        if read != {name: stage.parameters[name]}:
            told = f"reads {read[name]!r} instead" if name in read else "cannot read it"
            yield Finding(f"SAM {told}: {override}", f"""Write '{name}="{value}"', or leave an empty value out.""")


def unknown(stage: Stage, declared: dict) -> Findings:
    for name in stage.parameters:
        if name not in declared or name in FILLED:
            told = "make deploy fills it in" if name in FILLED else f"known are {', '.join(sorted(declared))}"
            yield Finding(f"{name} is no parameter to set", f"Take it out of [{stage.name}.deploy.parameters]; {told}.")


def unfit(stage: Stage, declared: dict) -> Findings:
    """Values that CloudFormation would refuse, some of them after it made the tables."""
    for name, rule in declared.items():
        value = stage.parameters.get(name, rule.get("Default"))
        if name in FILLED:
            continue
        if value is None:
            yield Finding(f"{name} has no value", f"Add it to [{stage.name}.deploy.parameters]: {rule['Description']}.")
            continue
        value = str(value)
        allowed = [str(each) for each in rule.get("AllowedValues", [value])]
        if value not in allowed:
            yield Finding(f"{name}={value} is not allowed", f"Allowed are {', '.join(allowed)}.")
        if not re.fullmatch(rule.get("AllowedPattern", ".*"), value):
            yield Finding(f"{name}={value} is not allowed", f"It must match {rule['AllowedPattern']}.")
        if rule["Type"] == "Number" and not (value.isdecimal() and int(value) >= rule.get("MinValue", 0)):
            yield Finding(f"{name}={value} is no number from {rule.get('MinValue', 0)} on", f"{rule['Description']}.")


def placeholders(stage: Stage) -> Findings:
    written = [*stage.parameters.items(), *((f"edge: {name}", value) for name, value in (stage.edge or {}).items())]
    for name, value in written:
        if EXAMPLE.search(value):
            yield Finding(f"{name} is still the example's: {value}", f"Write your own into stage {stage.name}.")


def contradictions(stage: Stage, declared: dict) -> Findings:
    in_front = stage.parameters.get("Edge", declared["Edge"]["Default"]) == "yes"
    if in_front and stage.edge is None:
        yield Finding(
            "Edge=yes, but nothing stands in front", f"Add [{stage.name}.edge.parameters] with domain and hosted_zone."
        )
    if not in_front and stage.edge is not None:
        yield Finding("Edge=no, but something stands in front", f"Remove [{stage.name}.edge.parameters].")
    if in_front and stage.parameters.get("ApiDomain"):
        yield Finding("ApiDomain is given, but Edge=yes", "Set Edge=no, or take ApiDomain and HostedZone out.")
    yield from edge(stage) if stage.edge is not None else own_domain(stage)


def edge(stage: Stage) -> Findings:
    missing = [name for name in ("domain", "hosted_zone") if not stage.edge.get(name)]
    if missing:
        yield Finding(f"edge has no {', '.join(missing)}", f"Add it to [{stage.name}.edge.parameters].")
    if stage.edge.get("records", "yes") not in ("yes", "no"):
        yield Finding(f"records={stage.edge['records']} is not allowed", 'It is "yes" or "no".')
    yield from reached(stage, "/auth")


def own_domain(stage: Stage) -> Findings:
    if stage.parameters.get("ApiDomain") and not stage.parameters.get("HostedZone"):
        yield Finding("ApiDomain has no HostedZone", "Add the parameter HostedZone.")
    yield from reached(stage, "")


def reached(stage: Stage, path: str) -> Findings:
    """Whether browsers are told to come to the domain that is made."""
    domain, public = stage.domain[0], stage.parameters.get("PublicUrl", "")
    if domain and public.removesuffix("/") != f"https://{domain}{path}":
        yield Finding(f"PublicUrl={public} does not lead to {domain}", f"It is https://{domain}{path}.")
