"""What the preflight finds in an AWS account: one that moto plays, and answers as AWS documents them."""

import json
import os
import re
import unittest
from unittest import mock

import boto3
from account import UNASKED, Account
from botocore.stub import Stubber
from moto import mock_aws
from world import FAULTLESS, ROOT, TEMPLATE, stage

STACKS = {"login-images": "us-east-1", "login": "us-east-1", "login-edge": "us-east-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
SECRET = {"smtp_url": "smtps://AKIA:secret@email-smtp.us-east-1.amazonaws.com:465", "google_client_secret": ""}

MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"digest": "sha256:0"},
    "layers": [],
}


class Played(unittest.TestCase):
    """In an account with everything that a deployment needs."""

    def setUp(self):
        environment = mock.patch.dict(os.environ, KEYS)
        # moto does not know Lambda's quota: see `Answered`.
        quota = mock.patch.object(Account, "quota", lambda *_: iter(()))
        for each in (environment, quota):
            each.start()
            self.addCleanup(each.stop)
        played = mock_aws()
        played.start()
        self.addCleanup(played.stop)
        self.session = boto3.Session(region_name="us-east-1")
        self.zone = self.session.client("route53").create_hosted_zone(Name="acme.dev", CallerReference="1")
        self.keep(SECRET)

    def keep(self, secret, name="login"):
        client = self.session.client("secretsmanager")
        text = secret if isinstance(secret, str) else json.dumps(secret)
        try:
            client.put_secret_value(SecretId=name, SecretString=text)
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=name, SecretString=text)

    def found(self, *overrides, tags=(), domain="app.acme.dev", zone=None, **parts):
        zone = zone or self.zone["HostedZone"]["Id"].removeprefix("/hostedzone/")
        tried = stage(*overrides, **({"edge": {"domain": domain, "hosted_zone": zone}} | parts))
        return [str(finding) for finding in Account(self.session, tried).findings(TEMPLATE, {}, list(tags))]

    def one(self, *overrides, **parts) -> str:
        findings = self.found(*overrides, **parts)
        self.assertEqual(len(findings), 1, findings)
        return findings[0]

    def test_an_account_with_everything_has_no_finding(self):
        self.assertEqual(self.found(), [])

    def test_a_secret_that_is_missing_or_incomplete_is_found(self):
        self.assertIn("there is no secret other", self.one("SecretName=other"))
        for held, told in [
            ("no json", "is no JSON object"),
            ("[]", "is no JSON object"),
            ({}, "has no smtp_url"),
            ({"smtp_url": ""}, "has no smtp_url"),
            ({"smtp_url": 25}, "has no smtp_url"),
            ({"smtp_url": "email-smtp.us-east-1.amazonaws.com:465"}, "is no URL of a mail server"),
            ({"smtp_url": "smtps://AKIA:a/b@host:465"}, "is no URL of a mail server"),
        ]:
            with self.subTest(held):
                self.keep(held)
                self.assertIn(told, self.one())

    def test_the_provider_s_secret_is_asked_for_only_with_the_provider(self):
        self.assertIn("has no google_client_secret", self.one("GoogleClientId=1.apps.googleusercontent.com"))
        self.keep(SECRET | {"google_client_secret": "secret"})
        self.assertEqual(self.found("GoogleClientId=1.apps.googleusercontent.com"), [])

    def test_every_member_that_a_template_resolves_is_asked_for(self):
        texts = [file.read_text() for file in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]]
        resolved = {name for text in texts for name in re.findall(r"\$\{SecretName\}:SecretString:(\w+)", text)}
        self.keep({})
        found = self.found("GoogleClientId=1.apps.googleusercontent.com")
        self.assertEqual({re.search(r" has no (\w+)", finding)[1] for finding in found}, resolved)

    def test_no_finding_repeats_a_secret(self):
        self.keep({"smtp_url": "smtp.acme.dev/hidden-password"})
        self.assertNotIn("hidden-password", self.one())

    def test_a_zone_that_does_not_own_the_domain_is_found(self):
        self.assertIn("not of app.acme.com", self.one(domain="app.acme.com"))
        self.assertIn("not of notacme.dev", self.one(domain="notacme.dev"))
        self.assertIn("there is no hosted zone", self.one(zone="Z1ABCDEFGHIJKL"))
        own = ["Edge=no", "ApiDomain=auth.acme.com", f"HostedZone={self.zone['HostedZone']['Id'][12:]}"]
        self.assertIn("not of auth.acme.com", self.one(*own, edge=None))
        private = self.session.client("route53").create_hosted_zone(
            **{"Name": "acme.dev", "CallerReference": "2", "HostedZoneConfig": {"PrivateZone": True}},
            VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"},
        )
        self.assertIn("is private", self.one(zone=private["HostedZone"]["Id"].removeprefix("/hostedzone/")))

    def test_images_that_are_not_in_the_registry_are_found(self):
        self.assertIn("no repository login-api yet", self.one(tags=["me-1-arm64"]))
        ecr = self.session.client("ecr")
        ecr.create_repository(repositoryName="login-api")
        manifest = json.dumps(MANIFEST)
        ecr.put_image(repositoryName="login-api", imageManifest=manifest, imageTag="me-1-arm64")
        self.assertEqual(self.found(tags=["me-1-arm64"]), [])
        self.assertIn("login-api has no me-1-x86_64", self.one(tags=["me-1-arm64", "me-1-x86_64"]))

    def test_credentials_and_region_come_first(self):
        self.assertIn("no region with Lambda", self.found(region="us-esat-1")[0])
        self.assertIn(str(UNASKED), self.found(region="us-esat-1"))


class Answered(unittest.TestCase):
    """By answers that moto does not give."""

    def setUp(self):
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
        self.session = boto3.Session(**keys)

    def account(self, tried=FAULTLESS, **answers):
        """`answers`: for each service a list of `(operation, answer)`, or `(operation, code, message)` for an error.
        Each must be asked for."""
        clients = {}
        for service, expected in answers.items():
            clients[service] = self.session.client(service)
            stubber = Stubber(clients[service])
            for operation, *answer in expected:
                if isinstance(answer[0], dict):
                    stubber.add_response(operation, answer[0])
                else:
                    stubber.add_client_error(operation, *answer)
            stubber.activate()
            self.addCleanup(stubber.assert_no_pending_responses)
        session = mock.Mock(get_available_regions=self.session.get_available_regions)
        session.client.side_effect = lambda service, **_: clients[service]
        return Account(session, tried)

    def quota(self, total, unreserved, own, *overrides):
        reserved = [("get_function_concurrency", {"ReservedConcurrentExecutions": each}) for each in own]
        absent = [("get_function_concurrency", "ResourceNotFoundException", "")] * (4 - len(own))
        limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": unreserved}
        account = self.account(
            stage(f"ConcurrencyQuota={total}", *overrides),
            **{"lambda": [("get_account_settings", {"AccountLimit": limit}), *reserved, *absent]},
        )
        return [str(finding) for finding in account.quota(TEMPLATE)]

    def test_a_reserve_above_lambda_s_quota_is_found(self):
        # A fresh account.
        fresh = self.quota(10, 10, [], "HashingConcurrency=50")
        self.assertEqual(len(fresh), 1)
        self.assertIn("reserves 200 instances; Lambda's quota here is 10", fresh[0])
        self.assertIn("a quota of 300", fresh[0])
        self.assertEqual(self.quota(1000, 1000, [], "HashingConcurrency=50"), [])
        self.assertEqual(self.quota(300, 300, [], "HashingConcurrency=50"), [])
        self.assertEqual(len(self.quota(299, 299, [], "HashingConcurrency=50")), 1)

    def test_the_stage_s_own_reserves_count_as_free(self):
        self.assertEqual(self.quota(300, 100, [50, 50, 50, 50], "HashingConcurrency=50"), [])
        self.assertEqual(len(self.quota(300, 100, [50, 50, 50], "HashingConcurrency=50")), 1)

    def test_a_quota_that_is_not_the_account_s_is_found_without_a_reserve_too(self):
        limit = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
        for overrides, told in [
            ([], "ConcurrencyQuota=1000, but Lambda's quota here is 10"),
            (["ConcurrencyQuota=10"], ""),
        ]:
            account = self.account(stage(*overrides), **{"lambda": [("get_account_settings", {"AccountLimit": limit})]})
            findings = [str(finding) for finding in account.quota(TEMPLATE)]
            self.assertEqual([told in finding for finding in findings], [True] if told else [])

    def test_a_stack_that_takes_no_deployment_is_found(self):
        for state, told in [
            ("ROLLBACK_COMPLETE", "delete-stack"),
            ("ROLLBACK_FAILED", "delete-stack"),
            ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
            ("UPDATE_IN_PROGRESS", "Wait"),
            ("UPDATE_COMPLETE", None),
            ("UPDATE_ROLLBACK_COMPLETE", None),
            ("REVIEW_IN_PROGRESS", None),
        ]:
            with self.subTest(state):
                described = {"StackName": "login", "CreationTime": 0, "StackStatus": state}
                account = self.account(cloudformation=[("describe_stacks", {"Stacks": [described]})])
                findings = [str(finding) for finding in account.stack("login", "us-east-1")]
                self.assertEqual([told in finding for finding in findings], [True] if told else [])

    def test_a_stack_that_is_not_there_is_none(self):
        absent = ("describe_stacks", "ValidationError", "Stack with id login does not exist")
        self.assertEqual(list(self.account(cloudformation=[absent]).stack("login", "us-east-1")), [])

    def test_what_the_credentials_may_not_ask_is_found(self):
        account = self.account(secretsmanager=[("get_secret_value", "AccessDeniedException", "not authorized")])
        findings = [str(finding) for finding in account.asked(lambda: account.secret(TEMPLATE))]
        self.assertEqual(len(findings), 1)
        self.assertIn("GetSecretValue was refused: AccessDeniedException", findings[0])

    def test_credentials_that_ended_are_found(self):
        account = self.account(sts=[("get_caller_identity", "ExpiredToken", "The security token is expired")])
        findings = account.findings(TEMPLATE, STACKS, [])
        self.assertIn("does not accept the credentials: The security token is expired", findings[0].fault)
        self.assertEqual(findings[1:], [UNASKED])

    def test_a_network_without_a_way_out_is_found(self):
        session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")
        with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}):
            findings = Account(session, FAULTLESS).findings(TEMPLATE, STACKS, [])
        self.assertIn("AWS could not be asked", findings[0].fault)
