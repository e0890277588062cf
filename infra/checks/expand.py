"""Prints a template as JSON, with anchors and short forms resolved and its transform carried out as CloudFormation would, SAM's
and that of Fn::ForEach: python expand.py template.yaml"""

import json
import os
import sys

# Names in what comes out, such as those of regions, do not depend on who asks.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors import ForEachProcessor
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
    transforms = [transforms] if isinstance(transforms, str) else transforms
    if "AWS::LanguageExtensions" in transforms:
        context = TemplateProcessingContext(fragment=template)
        ForEachProcessor().process_template(context)
        template = settle(context.fragment, template.get("Mappings", {}))
    if "AWS::Serverless-2016-10-31" in transforms:
        return transform(template, {}, NoPolicies())
    return template


def settle(value, mappings):
    """Looks up what a loop finds in mappings, and puts it into the texts that name it."""
    if isinstance(value, list):
        return [settle(item, mappings) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: settle(item, mappings) for key, item in value.items()}
    match value:
        case {"Fn::FindInMap": [str(name), str(key), str(attribute)]}:
            return mappings[name][key][attribute]
        case {"Fn::Sub": [str(text), dict(words)]} if all(isinstance(word, str) for word in words.values()):
            for name, word in words.items():
                text = text.replace(f"${{{name}}}", word)
            return {"Fn::Sub": text}
    return value


if __name__ == "__main__":
    print(json.dumps(expand(sys.argv[1]), indent=1, default=str))
