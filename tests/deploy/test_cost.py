"""What the documents say about a month's cost: the model of infra/cost says it, and the templates create it."""

import collections
import re
import tomllib
import unittest

from bills import Model
from documents import DOCUMENTS, differences, meant
from samcli.yamlhelper import yaml_parse
from world import ROOT, TEMPLATE

MODEL = Model.read()
# Conditions of the templates under which the two stages of the model differ, and what the others are in both.
STAGES = {
    "full": {"HasCache": True, "IsServerless": True, "HasEdge": True, "HasDomain": False},
    "minimal": {"HasCache": False, "IsServerless": False, "HasEdge": False, "HasDomain": True},
}
# Copies in another region, and what SES reports, are for a stage that asks for them.
IN_BOTH = {
    "HasMail": True,
    "IsDurable": False,
    "HasRecords": True,
    "HasBudget": True,
    "HasStandby": False,
    "HasSes": False,
}
# Services of which the model counts what costs without traffic, or of which nothing does.
BY_USE_OR_COUNTED = {
    # A budget that only tells costs nothing (confirm).
    *(
        "Budgets",
        "CertificateManager",
        "CloudFormation",
        "CloudFront",
        "CloudWatch",
        "DynamoDB",
        "ElastiCache",
        "IAM",
        "KMS",
    ),
    *("Lambda", "Logs", "Pipes", "Route53", "S3", "SNS", "SQS", "SecretsManager", "Serverless", "WAFv2"),
}
FREE_OF_EC2 = {
    *("EgressOnlyInternetGateway", "FlowLog", "Route", "RouteTable", "SecurityGroup", "SecurityGroupEgress", "Subnet"),
    *("SubnetRouteTableAssociation", "VPC", "VPCCidrBlock", "VPCEndpoint"),
}


def resources(stage: str) -> list[dict]:
    """What a stage creates, with its nested stacks. The complete one has the edge's stack too."""
    found = inside(TEMPLATE, STAGES[stage] | IN_BOTH)
    return found + (inside(read("infra/edge.yaml"), IN_BOTH) if stage == "full" else [])


def inside(template: dict, conditions: dict[str, bool]) -> list[dict]:
    found = []
    for resource in template["Resources"].values():
        if "Condition" not in resource or conditions[resource["Condition"]]:
            found.append(resource)
            if resource["Type"] == "AWS::CloudFormation::Stack":
                found += inside(read(resource["Properties"]["TemplateURL"]), conditions)
    return found


def read(path: str) -> dict:
    return yaml_parse((ROOT / path).read_text())


def watched(alarm: dict) -> int:
    """How many metrics an alarm looks at."""
    return sum("MetricStat" in metric for metric in alarm["Properties"].get("Metrics", [])) or 1


def text(name: str) -> str:
    return (ROOT / name).read_text()


def tables(name: str) -> dict[str, list[list[str]]]:
    """The rows of a document's marked tables, without their heads."""
    found = re.findall(r"<!-- table (\w+) -->\n(.*?)\n<!-- end -->", text(name), flags=re.DOTALL)
    rows = {table: [line.strip("| ").split(" | ") for line in lines.split("\n")[2:]] for table, lines in found}
    return {table: [[cell.strip("* ") for cell in row] for row in lines] for table, lines in rows.items()}


def amount(cell: str, name: str) -> float:
    return float(cell.replace(".", "").replace(",", ".") if DOCUMENTS[name] == "pt" else cell.replace(",", ""))


class Documents(unittest.TestCase):
    def test_tables_and_figures_are_those_of_the_model(self):
        self.assertEqual(list(differences()), [], "python3 infra/cost writes them anew")

    def test_a_table_or_a_figure_that_differs_is_noticed(self):
        noticed = 0
        for name in DOCUMENTS:
            said = text(name)
            figures = [found.start() for found in re.finditer(r"\d<!-- [a-z]", said)]
            tables = [found.end() - 1 for found in re.finditer(r"<!-- table \w+ -->[^!]*\d", said)]
            other = list(said)
            for place in figures + tables:
                other[place] = str((int(said[place]) + 1) % 10)
            self.assertEqual(meant(name, "".join(other), MODEL), said)
            noticed += len(figures + tables)
        self.assertGreater(noticed, 60)

    def test_the_lines_of_each_table_add_up_to_its_total(self):
        summed = 0
        for name in DOCUMENTS:
            for table, rows in tables(name).items():
                if rows[-1][0] != "total" or table == "activity":
                    continue
                *lines, total = rows
                for column in range(2, len(total)):
                    with self.subTest(f"{name}: {table}, column {column}"):
                        parts = [amount(line[column], name) for line in lines]
                        # Each line is rounded, to a cent or to a dollar.
                        room = sum(0.0051 if part < 100 else 0.51 for part in [*parts, amount(total[column], name)])
                        self.assertAlmostEqual(sum(parts), amount(total[column], name), delta=room)
                        summed += 1
        self.assertEqual(summed, 2 * (2 + 3 * 3))

    def test_both_languages_have_the_same_tables(self):
        english, portuguese = tables("docs/cost.md"), tables("docs/3.decisoes.md")
        self.assertEqual(english.keys(), portuguese.keys())
        digits = re.compile(r"\d")
        for table, rows in english.items():
            for row, other in zip(rows, portuguese[table], strict=True):
                if table in ("idle", "full", "minimal", "own"):
                    self.assertEqual(digits.findall("".join(row[1:])), digits.findall("".join(other[1:])), row)

    def test_each_dollar_in_the_text_is_a_figure_of_the_model(self):
        for name in ["docs/cost.md", "docs/3.decisoes.md"]:
            said = text(name)
            if name == "docs/3.decisoes.md":
                said = said[said.index("### Quanto custa") : said.index("## Curiosidade")]
            said = re.sub(r"<!-- table .*?<!-- end -->", "", said, flags=re.DOTALL)
            dollars = re.findall(r"US\$\s+\d(?:[\d.,]*\d)?(?!<!--|[\d.,]*\d)[^<]{0,20}", said)
            self.assertEqual(dollars, [], name)


class Quantities(unittest.TestCase):
    def test_a_stage_creates_what_the_model_counts(self):
        for stage in STAGES:
            found = resources(stage)
            number = collections.Counter(resource["Type"] for resource in found)
            alarms = [each for each in found if each["Type"] == "AWS::CloudWatch::Alarm"]
            counted = {
                f"alarm_metrics_{stage}": sum(map(watched, alarms)),
                "dashboards": number["AWS::CloudWatch::Dashboard"],
                "keys": number["AWS::KMS::Key"],
                # The secret of SecretName is made by hand.
                f"secrets_{stage}": number["AWS::SecretsManager::Secret"] + 1,
            }
            for name, value in counted.items():
                with self.subTest(name):
                    self.assertEqual(MODEL.names[name], value, "change infra/cost/cost.toml and run python3 infra/cost")

    def test_the_web_acl_has_the_rules_that_the_model_counts(self):
        (web_acl,) = [each for each in resources("full") if each["Type"] == "AWS::WAFv2::WebACL"]
        self.assertEqual(MODEL.names["rules"], len(web_acl["Properties"]["Rules"]))

    def test_nothing_else_costs_without_traffic(self):
        """Another service may need a line in the table. EC2 has resources that cost by the hour."""
        found = resources("full")
        kinds = {tuple(each["Type"].split("::")[1:]) for each in found}
        self.assertEqual({service for service, _ in kinds} - BY_USE_OR_COUNTED, {"EC2"})
        self.assertEqual({kind for service, kind in kinds if service == "EC2"} - FREE_OF_EC2, set())
        (endpoint,) = [each for each in found if each["Type"] == "AWS::EC2::VPCEndpoint"]
        self.assertEqual(endpoint["Properties"]["VpcEndpointType"], "Gateway")

    def test_only_the_queue_of_the_second_tombstone_is_asked_without_traffic(self):
        queues = {"full": 1, "minimal": 0}
        for stage, number in queues.items():
            mappings = [each for each in resources(stage) if each["Type"] == "AWS::Lambda::EventSourceMapping"]
            self.assertEqual(len(mappings), number)

    def test_no_metric_filter_reports_without_a_request(self):
        filters = [each["Properties"] for each in resources("full") if each["Type"] == "AWS::Logs::MetricFilter"]
        self.assertEqual([each for each in filters if "DefaultValue" in str(each)], [])

    def test_one_function_is_called_each_minute(self):
        functions = [each for each in resources("full") if each["Type"] == "AWS::Serverless::Function"]
        events = [event for each in functions for event in each["Properties"].get("Events", {}).values()]
        rates = [event["Properties"]["Schedule"] for event in events if event["Type"] == "Schedule"]
        self.assertEqual(rates.count("rate(1 minute)"), 1)

    def test_hypotheses_are_the_settings_of_prod(self):
        prod = tomllib.loads(text("samconfig.toml"))["prod"]["deploy"]["parameters"]["parameter_overrides"]
        self.assertIn(f"LogRetention={MODEL.names['log_days']}", prod)
        self.assertIn("Cache=yes", prod)

    def test_a_name_means_one_thing(self):
        names = [item["name"] for price in MODEL.data["price"] for item in price["items"]]
        names += [*MODEL.data["quantities"], "N", "million", "KB"]
        self.assertEqual([name for name, number in collections.Counter(names).items() if number > 1], [])


class Computed(unittest.TestCase):
    def test_a_part_costs_what_its_step_says(self):
        for users, price in [(10_000, 0), (100_000, 495), (1_000_000, 4_635), (10_000_000, 33_885)]:
            self.assertAlmostEqual(MODEL.total("cognito_lite", users), price)
        self.assertEqual(
            [MODEL.total("workos", users) for users in (1_000_000, 1_000_001, 2_000_001)], [0, 2_500, 5_000]
        )

    def test_at_a_crossing_both_cost_the_same(self):
        crossing = MODEL.crossing("full", "cognito_lite")
        self.assertAlmostEqual(MODEL.total("full", crossing), MODEL.total("cognito_lite", crossing), delta=0.01)


if __name__ == "__main__":
    unittest.main()
