"""The registry that images are pushed to: Amazon's, or any other that needs no credentials or where the user has logged
in."""

import base64
import dataclasses
import re
import urllib.error
import urllib.request

# The name of an account's registry, by region.
AMAZON = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
# On this machine, engines use plain HTTP.
LOOPBACK = re.compile(r"(localhost|127\.[\d.]+)(:\d+)?")
# A manifest in any of these forms is an image.
FORMS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json") + (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)

Credentials = tuple[str, str]


class Failure(Exception):
    """The registry cannot be asked, or its name is invalid."""


@dataclasses.dataclass(frozen=True)
class Repository:
    """The target of a push: `host/name`."""

    host: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Repository":
        found = re.fullmatch(r"([a-z0-9.-]+(?::\d+)?)/([a-z0-9._/-]+)", text)
        if not found or not ("." in found[1] or ":" in found[1] or found[1] == "localhost"):
            raise Failure(f"{text!r} is no repository; it looks like 123456789012.dkr.ecr.REGION.amazonaws.com/NAME")
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return f"{self.host}/{self.name}"

    def has(self, tag: str, credentials: Credentials | None) -> bool:
        """Whether the tag exists. In a registry whose tags never change, pushing it again would fail."""
        scheme = "http" if LOOPBACK.fullmatch(self.host) else "https"
        request = urllib.request.Request(f"{scheme}://{self.host}/v2/{self.name}/manifests/{tag}", method="HEAD")
        request.add_header("Accept", ", ".join(FORMS))
        if credentials:
            encoded = base64.b64encode(":".join(credentials).encode()).decode()
            request.add_header("Authorization", f"Basic {encoded}")
        try:
            with urllib.request.urlopen(request, timeout=30):
                return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            # A registry that requires a login for reading does not say; it refuses the push itself if the tag exists.
            if error.code == 401 and credentials is None:
                return False
            raise Failure(f"{self}: {error.code} {error.reason}") from error
        except OSError as error:
            raise Failure(f"{self.host} cannot be reached: {error}") from error


def credentials(host: str) -> Credentials | None:
    """The credentials that Amazon gives for pushing, valid for twelve hours; for other registries none."""
    found = AMAZON.fullmatch(host)
    if not found:
        return None
    # Only a push to Amazon needs it.
    import boto3
    import botocore.exceptions

    try:
        answer = boto3.client("ecr", region_name=found[1]).get_authorization_token()
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        raise Failure(f"AWS gives no leave to push: {error}") from error
    user, password = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode().split(":", 1)
    return user, password
