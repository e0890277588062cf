"""Prints a template as JSON, with anchors and short forms resolved and, where it is a SAM template, the transform carried out as
CloudFormation would: python expand.py template.yaml"""

import json
import os
import sys

# Names in what comes out, such as those of regions, do not depend on who asks.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoPolicies:
    """The names of managed policies, which are asked of AWS: there are none here, only ARNs."""

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
