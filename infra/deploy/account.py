"""What of an AWS account stands against a deployment: each check asks AWS, and changes nothing."""

import collections.abc
import json
import re
import urllib.parse

import botocore.config
import botocore.exceptions
from findings import Finding, Findings
from stage import Stage

# Lambda keeps so many instances for functions without a reserve.
UNRESERVED = 100
IMAGES = "login-api"
# An answer comes in a second. A wrong region or a network without a way out must not take minutes.
LIMITS = botocore.config.Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3})


class Account:
    """The account that a session's credentials belong to, asked about one stage. `session` is boto3's; tests give one
    whose clients are stubbed."""

    def __init__(self, session, stage: Stage):
        self.session = session
        self.stage = stage

    def parameter(self, template: dict, name: str) -> str:
        """The value of a parameter, which may be its default."""
        return str(self.stage.parameters.get(name, template["Parameters"][name]["Default"]))

    def client(self, service: str, region: str | None = None):
        return self.session.client(service, region_name=region or self.stage.region, config=LIMITS)

    def findings(self, template: dict, stacks: dict[str, str], tags: list[str]) -> list[Finding]:
        """Of all checks. `stacks`: name and region of those that will be deployed; `tags`: the images that must be
        there already. Without credentials or region nothing else can be asked."""
        start = [*self.asked(self.region), *self.asked(self.identity)]
        if start:
            return [*start, UNASKED]
        checks = [
            *(self.quota(template), self.secret(template), self.zone(), self.images(tags)),
            *(self.stack(name, region) for name, region in stacks.items()),
        ]
        return [finding for check in checks for finding in self.asked(lambda check=check: check)]

    def asked(self, check: collections.abc.Callable[[], Findings]) -> Findings:
        """What a check finds, or that AWS did not let it look."""
        try:
            yield from check()
        except botocore.exceptions.ClientError as error:
            told = error.response["Error"]
            yield Finding(
                f"{error.operation_name} was refused: {told.get('Code')}: {told.get('Message')}",
                "Use credentials that may do this (docs/operations.md).",
            )
        except botocore.exceptions.BotoCoreError as error:
            yield Finding(f"AWS could not be asked: {error}", "Check the network, the credentials and the region.")

    def region(self) -> Findings:
        if self.stage.region not in self.session.get_available_regions("lambda"):
            yield Finding(
                f"{self.stage.region} is no region with Lambda", f"Correct region of stage {self.stage.name}."
            )

    def identity(self) -> Findings:
        try:
            self.client("sts").get_caller_identity()
        except botocore.exceptions.NoCredentialsError:
            yield Finding("there are no AWS credentials", "Log in (aws sso login, aws configure) or set AWS_PROFILE.")
        except botocore.exceptions.ClientError as error:
            told = error.response["Error"].get("Message")
            yield Finding(
                f"AWS does not accept the credentials: {told}", "Log in again (aws sso login), or set AWS_PROFILE."
            )

    def quota(self, template: dict) -> Findings:
        """Reserves that do not fit fail while the stack is made, after its tables."""
        each, told = (self.parameter(template, name) for name in ("HashingConcurrency", "ConcurrencyQuota"))
        hashing = [
            resource["Properties"]["FunctionName"]
            for resource in template["Resources"].values()
            if "ReservedConcurrentExecutions" in resource.get("Properties", {})
        ]
        client = self.client("lambda")
        limit = client.get_account_settings()["AccountLimit"]
        if told.isdecimal() and int(told) != limit["ConcurrentExecutions"]:
            yield Finding(
                f"ConcurrencyQuota={told}, but Lambda's quota here is {limit['ConcurrentExecutions']}",
                f"Set ConcurrencyQuota={limit['ConcurrentExecutions']}: an alarm rings before it is used up.",
            )
        if each == "0" or not each.isdecimal():
            return
        own = sum(self.reserved(client, name) for name in map(self.named, hashing))
        free = limit["UnreservedConcurrentExecutions"] + own
        wanted = int(each) * len(hashing)
        if free - wanted < UNRESERVED:
            yield Finding(
                f"HashingConcurrency={each} reserves {wanted} instances; Lambda's quota here is"
                f" {limit['ConcurrentExecutions']}, of which {free} are free and {UNRESERVED} must stay free",
                f"Ask for a quota of {limit['ConcurrentExecutions'] + UNRESERVED + wanted - free} (Service Quotas,"
                " Lambda, concurrent executions); until you have it, take HashingConcurrency out.",
            )

    def named(self, written: dict[str, str]) -> str:
        """A function's name, from `!Sub ${AWS::StackName}-NAME`."""
        return written["Fn::Sub"].replace("${AWS::StackName}", self.stage.stack)

    def reserved(self, client, name: str) -> int:
        """The instances that the function has reserved now."""
        try:
            return client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
        except client.exceptions.ResourceNotFoundException:
            return 0

    def secret(self, template: dict) -> Findings:
        """The members that templates resolve while the stack is made."""
        name = self.parameter(template, "SecretName")
        members = ["smtp_url", *(["google_client_secret"] if self.stage.parameters.get("GoogleClientId") else [])]
        client = self.client("secretsmanager")
        remedy = f"Make the secret {name} in {self.stage.region} as docs/operations.md says, with {', '.join(members)}."
        try:
            text = client.get_secret_value(SecretId=name).get("SecretString", "")
        except client.exceptions.ResourceNotFoundException:
            yield Finding(f"there is no secret {name}", remedy)
            return
        try:
            held = json.loads(text)
        except ValueError:
            held = None
        if not isinstance(held, dict):
            yield Finding(f"the secret {name} is no JSON object", remedy)
            return
        for member in members:
            if not isinstance(held.get(member), str) or held[member] == "":
                yield Finding(f"the secret {name} has no {member}", remedy)
        if isinstance(held.get("smtp_url"), str) and held["smtp_url"] and not mail_server(held["smtp_url"]):
            yield Finding(
                f"smtp_url in the secret {name} is no URL of a mail server",
                "It looks like smtps://USER:PASSWORD@HOST:465, with / + = @ : % of the password percent-encoded.",
            )

    def zone(self) -> Findings:
        """CloudFormation waits for hours for a certificate of a domain that the zone does not own."""
        domain, zone = self.stage.domain
        if not zone:
            return
        client = self.client("route53")
        try:
            found = client.get_hosted_zone(Id=zone)["HostedZone"]
        except (client.exceptions.NoSuchHostedZone, client.exceptions.InvalidInput):
            yield Finding(f"there is no hosted zone {zone}", "Take it from `aws route53 list-hosted-zones`.")
            return
        owned = found["Name"].removesuffix(".")
        if domain != owned and not domain.endswith(f".{owned}"):
            yield Finding(f"the zone {zone} is of {owned}, not of {domain}", f"Take the zone that {domain} lies in.")
        if found.get("Config", {}).get("PrivateZone"):
            yield Finding(f"the zone {zone} is private", "A certificate needs a zone that the internet sees.")

    def images(self, tags: list[str]) -> Findings:
        if not tags:
            return
        client = self.client("ecr")
        try:
            answer = client.batch_get_image(repositoryName=IMAGES, imageIds=[{"imageTag": tag} for tag in tags])
        except client.exceptions.RepositoryNotFoundException:
            yield Finding(
                f"there is no repository {IMAGES} yet", "Deploy without VERSION: that makes it and pushes images."
            )
            return
        missing = [failure["imageId"]["imageTag"] for failure in answer["failures"]]
        if missing:
            yield Finding(
                f"{IMAGES} has no {', '.join(missing)}", "Check out that commit and deploy it without VERSION."
            )

    def stack(self, name: str, region: str) -> Findings:
        """Some states take no deployment."""
        client = self.client("cloudformation", region)
        try:
            state = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except client.exceptions.ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return
            raise
        if state in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            yield Finding(
                f"the stack {name} is in {state}: its first deployment failed",
                f"Delete what is left and the stack, as docs/operations.md says: aws cloudformation delete-stack"
                f" --region {region} --stack-name {name}",
            )
        elif state == "UPDATE_ROLLBACK_FAILED":
            yield Finding(
                f"the stack {name} is in {state}",
                f"aws cloudformation continue-update-rollback --region {region} --stack-name {name}",
            )
        elif re.search("_IN_PROGRESS$", state) and state != "REVIEW_IN_PROGRESS":
            yield Finding(f"the stack {name} is in {state}", "Wait until that has ended.")


UNASKED = Finding(
    "so AWS was not asked about Lambda's quota, the secret, the hosted zone, the stacks and the images",
    "Run it again with the above mended.",
)


def mail_server(url: str) -> bool:
    try:
        read = urllib.parse.urlsplit(url)
        return read.scheme in ("smtp", "smtps") and bool(read.hostname) and read.port != 0
    except ValueError:
        return False
