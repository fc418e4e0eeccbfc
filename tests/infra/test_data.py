"""What must not be lost and must not leak: tables, the secret, and whether they outlive the stack."""

import json

import pytest

from tests.infra.deployed import Deployed, deployed

TABLES = {
    "AudienceTable": {"pk": "HASH", "sk": "RANGE"},
    "AudienceEventsSeen": {"event_id": "HASH"},
    "SendersDeliveries": {"delivery_id": "HASH"},
}
DATA = [
    *TABLES,
    "MediaImagesBucket",
    "MediaAudioBucket",
    "MediaVideoBucket",
    "CampaignsBucket",
    "CredentialsSecret",
]
INITIAL_SECRET = (
    '{"CHANNEL_ACCESS_TOKEN":"INSERT_CHANNEL_ACCESS_TOKEN_HERE","CHANNEL_SECRET":"INSERT_CHANNEL_SECRET_HERE"}'
)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_its_keys_forgets_by_itself_and_is_paid_by_the_request(default: Deployed, name: str) -> None:
    table = default.all("DynamoDB::Table")[name]

    assert {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]} == TABLES[name]
    assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]} == dict.fromkeys(
        TABLES[name], "S"
    )
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "GlobalSecondaryIndexes" not in table
    assert "TableName" not in table


def test_only_the_audience_can_be_brought_back_to_an_earlier_moment(default: Deployed) -> None:
    recoverable = {
        name
        for name, table in default.all("DynamoDB::Table").items()
        if table.get("PointInTimeRecoverySpecification") == {"PointInTimeRecoveryEnabled": True}
    }

    assert recoverable == {"AudienceTable"}


def test_the_secret_begins_with_placeholders_and_the_same_ones_for_ever(default: Deployed) -> None:
    """Another initial value, by a single byte, and CloudFormation would write it over the live token at the next
    deploy."""
    secret = default.all("SecretsManager::Secret")["CredentialsSecret"]

    assert secret["SecretString"] == INITIAL_SECRET
    assert all(value.startswith("INSERT_") for value in json.loads(INITIAL_SECRET).values())
    assert secret["Name"] == "LINE_secrets"
    assert "GenerateSecretString" not in secret


@pytest.mark.parametrize("variant", ["pinpoint", "connect", "trial", "elsewhere"])
def test_no_setting_changes_the_secrets_initial_value(variant: str) -> None:
    assert deployed(variant).all("SecretsManager::Secret")["CredentialsSecret"]["SecretString"] == INITIAL_SECRET


def test_an_existing_secret_is_used_and_none_is_made() -> None:
    stack = deployed("existing_secret")

    assert stack.all("SecretsManager::Secret") == {}
    assert stack.outputs()["SecretName"] == "line/shop"


def policies_of(stack: Deployed) -> dict[str, tuple[str, str]]:
    kinds = ("DynamoDB::Table", "S3::Bucket", "SecretsManager::Secret", "Pinpoint::App")
    return {
        name: (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for kind in kinds
        for name, resource in stack.resources(kind).items()
    }


def test_data_outlive_the_stack(default: Deployed) -> None:
    """A secret that a first deploy left behind when it failed would stop the second one, by its name: that one goes."""
    assert policies_of(default) == dict.fromkeys(DATA, ("Retain", "Retain")) | {
        "CredentialsSecret": ("RetainExceptOnCreate", "Retain")
    }


def test_a_trial_leaves_nothing_behind() -> None:
    assert policies_of(deployed("trial")) == dict.fromkeys(DATA, ("Delete", "Delete"))


@pytest.mark.parametrize(("variant", "emptied"), [("default", "false"), ("trial", "true")])
def test_buckets_are_emptied_only_when_they_are_to_go(variant: str, emptied: str) -> None:
    (resource,) = deployed(variant).all("Custom::SampleMedia").values()

    assert resource["EmptyOnDelete"] == emptied


def test_pinpoint_is_there_only_when_it_keeps_the_audience(default: Deployed) -> None:
    pinpoint = deployed("pinpoint")

    assert default.all("Pinpoint::App") == {}
    assert "mobiletargeting" not in json.dumps(default.template["Resources"])
    assert pinpoint.all("Pinpoint::App") == {"AudiencePinpointApplication": {"Name": "kairan"}}
    assert policies_of(pinpoint)["AudiencePinpointApplication"] == ("Retain", "Retain")
    assert pinpoint.variables("inbox")["AUDIENCE_STORE"] == "pinpoint"
    assert pinpoint.variables("inbox")["PINPOINT_APPLICATION_ID"] == "AudiencePinpointApplication"
    assert "AUDIENCE_TABLE" not in pinpoint.variables("inbox")


def test_a_change_of_the_store_loses_nobody() -> None:
    assert "AudienceTable" in deployed("pinpoint").all("DynamoDB::Table")
