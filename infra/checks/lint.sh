#!/bin/sh
# Checks the templates against the resource types' schemas (cfn-lint), as SAM reads them, and against policies
# (checkov), in the form that CloudFormation gets.
set -eu
sam=.local/sam/bin
templates=$(find infra -maxdepth 1 -name '*.yaml' ! -name openapi.yaml | sort)
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1
# The SAM CLI resolves anchors and merges before CloudFormation sees them (W1100, W1101).
# shellcheck disable=SC2086
"$sam/cfn-lint" --ignore-checks W1100 W1101 -- template.yaml $templates
for template in template.yaml infra/*.yaml; do
    grep -q 'AWS::Serverless-2016-10-31' "$template" || continue
    PATH="$sam:$PATH" sam validate --lint --template "$template"
done

expanded=$(mktemp -d)
trap 'rm -rf "$expanded"' EXIT
for template in template.yaml $templates; do
    "$sam/python" infra/checks/expand.py "$template" >"$expanded/$(basename "$template" .yaml).json"
done
report=$(.local/checkov/bin/checkov --config-file infra/checks/checkov.yaml --directory "$expanded") && held=yes || held=no
echo "$report"
# checkov does not count a template that it cannot read as a failure.
case $report in *'Parsing errors: '[1-9]*) held=no ;; esac
test "$held" = yes
