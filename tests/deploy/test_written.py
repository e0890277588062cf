"""What the preflight finds in samconfig.toml alone."""

import tempfile
import tomllib
import unittest
from pathlib import Path

import written
from stage import Failure, Stage
from world import FAULTLESS, ROOT, TEMPLATE, stage


def found(tried: Stage) -> list[str]:
    return [str(finding) for finding in written.findings(tried, TEMPLATE)]


class Written(unittest.TestCase):
    def one(self, tried: Stage) -> str:
        findings = found(tried)
        self.assertEqual(len(findings), 1, findings)
        return findings[0]

    def test_a_stage_without_a_fault_has_no_finding(self):
        self.assertEqual(found(FAULTLESS), [])

    def test_a_value_that_sam_would_cut_is_found(self):
        for override, told in [
            ("MailFrom=Acme <login@acme.dev>", "reads 'Acme' instead"),
            ("BrandName=Two words", "reads 'Two' instead"),
            ("GoogleClientId=", "cannot read it"),
            ('BrandName="one', "BrandName"),
        ]:
            with self.subTest(override):
                finding = self.one(stage(override))
                self.assertIn(told, finding)
                self.assertIn(override, finding)

    def test_a_quoted_value_is_whole(self):
        self.assertEqual(found(stage('BrandName="Two words"')), [])

    def test_what_is_left_of_the_example_is_found(self):
        for override in [
            "AppUrl=https://app.example.com",
            "AllowedOrigins=https://app.acme.dev,https://app.example.org",
            'MailFrom="Acme <login@example.com>"',
            "BrandName=Example",
            "AlarmMail=ops@example.net",
            "GoogleClientId=…apps.googleusercontent.com",
        ]:
            with self.subTest(override):
                self.assertIn("still the example's", self.one(stage(override)))
        edge = {"domain": "app.acme.dev", "hosted_zone": "Z0000000000000000000"}
        self.assertIn("hosted_zone", self.one(stage(edge=edge)))

    def test_a_name_that_only_holds_the_word_is_no_example(self):
        self.assertEqual(found(stage("AppUrl=https://examples.acme.dev", "BrandName=Examplify")), [])

    def test_a_value_that_cloudformation_would_refuse_is_found(self):
        for override in [
            "LogRetention=100",
            "LogRetention=many",
            "HashingConcurrency=-1",
            "Cache=maybe",
            "SigningKeyWrap=alias/key",
        ]:
            with self.subTest(override):
                findings = found(stage(override))
                self.assertTrue(findings)
                self.assertIn(override.partition("=")[0], findings[0])

    def test_a_parameter_that_is_missing_or_unknown_or_filled_in_is_found(self):
        self.assertIn("BrandName has no value", found(stage(without="BrandName"))[0])
        self.assertIn("no parameter", found(stage("PublicUri=https://app.acme.dev"))[0])
        self.assertIn("make deploy fills it in", found(stage("Version=1"))[0])

    def test_parts_that_contradict_each_other_are_found(self):
        self.assertIn("nothing stands in front", found(stage(edge=None))[0])
        self.assertIn("something stands in front", found(stage('Edge="no"'))[0])
        self.assertIn("hosted_zone", found(stage(edge={"domain": "app.acme.dev"}))[0])
        self.assertIn("does not lead to", found(stage("PublicUrl=https://api.acme.dev/auth"))[0])
        self.assertIn("records", found(stage(edge=FAULTLESS.edge | {"records": "maybe"}))[0])

    def test_a_domain_of_the_api_needs_its_zone_and_its_url_and_no_edge(self):
        own = ["ApiDomain=auth.acme.dev", "HostedZone=Z1ABCDEFGHIJKL", "PublicUrl=https://auth.acme.dev"]
        self.assertEqual(found(stage(*own, "Edge=no", edge=None)), [])
        self.assertIn("ApiDomain is given, but Edge=yes", "".join(found(stage(*own))))
        self.assertIn("no HostedZone", found(stage(own[0], own[2], "Edge=no", edge=None))[0])
        self.assertIn("does not lead to", found(stage(*own[:2], "Edge=no", edge=None))[0])

    def test_faults_are_found_together(self):
        self.assertGreaterEqual(len(found(stage("LogRetention=100", "BrandName=Two words", edge=None))), 3)


class Read(unittest.TestCase):
    def test_the_stages_that_come_with_the_project_are_read(self):
        file = ROOT / "samconfig.toml"
        for name, table in tomllib.loads(file.read_text()).items():
            if not isinstance(table, dict):
                continue
            with self.subTest(name):
                # They have placeholders, and no other fault.
                findings = found(Stage.read(file, name))
                self.assertTrue(findings)
                for finding in findings:
                    self.assertIn("still the example's", finding)

    def test_a_stage_that_cannot_be_read_is_refused_by_name(self):
        for text, told in [
            ("[dev.deploy.parameters]\nregion = 'us-east-1'\n", "no stage prod, but: dev"),
            ("[prod.deploy.parameters]\nregion = 'us-east-1'\n", "no stack_name, parameter_overrides"),
            (
                "[prod.deploy.parameters]\nregion = 'r'\nstack_name = 's'\nparameter_overrides = 'A=1'\n",
                "parameter_overrides of prod is no list",
            ),
        ]:
            with self.subTest(told), tempfile.TemporaryDirectory() as directory:
                file = Path(directory) / "samconfig.toml"
                file.write_text(text)
                with self.assertRaisesRegex(Failure, told):
                    Stage.read(file, "prod")
