"""Prints a template as JSON, with anchors and short forms resolved. For a SAM template, it also carries out the
transform as CloudFormation would: python expand.py template.yaml"""

import json
import logging
import os
import sys

# Names in the output, such as those of regions, must not depend on the caller.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# It warns of switches that only AWS can set.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class NoPolicies:
    """Without the names of managed policies, which would have to be asked of AWS: there are only ARNs here."""

    def load(self):
        return {}


def expand(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    transforms = template.get("Transform", [])
    if "AWS::Serverless-2016-10-31" in ([transforms] if isinstance(transforms, str) else transforms):
        return transform(template, {}, NoPolicies())
    return template


if __name__ == "__main__":
    print(json.dumps(expand(sys.argv[1]), indent=1, default=str))
