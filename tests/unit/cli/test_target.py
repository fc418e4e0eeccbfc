import json
from pathlib import Path

import pytest

from cli.errors import CommandError, LocalCloudAbsentError
from cli.target import LINE_API_URL, choose, in_local_cloud

LOCAL = {
    "AwsEndpointUrl": "http://127.0.0.1:4566",
    "AwsRegion": "ap-northeast-1",
    "LineApiUrl": "http://127.0.0.1:4567",
    "SecretName": "LINE_secrets",
}


def local_folder(folder: Path, **outputs: str) -> Path:
    (folder / "outputs.json").write_text(json.dumps(LOCAL | outputs), encoding="utf-8")
    return folder


def test_a_stack_in_aws_is_found_with_its_outputs(stack: None, outputs: dict[str, str]) -> None:
    target = choose(local=False, profile=None, region="us-east-1", stack="kairan")

    assert target.outputs == outputs
    assert target.where == "stack kairan (account 123456789012, us-east-1)"
    assert target.line_api_url == LINE_API_URL


def test_an_output_that_is_not_there_is_named(stack: None) -> None:
    target = choose(local=False, profile=None, region=None, stack="kairan")

    with pytest.raises(CommandError, match="no output Nothing"):
        target.output("Nothing")


def test_the_local_cloud_is_read_from_its_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIRAN_LOCAL_DIR", str(local_folder(tmp_path)))

    target = choose(local=True, profile=None, region=None, stack="kairan")

    client = target.client("sqs")
    assert client.meta.endpoint_url == "http://127.0.0.1:4566"
    assert client.meta.region_name == "ap-northeast-1"
    assert target.line_api_url == "http://127.0.0.1:4567"
    assert target.output("SecretName") == "LINE_secrets"


def test_the_local_cloud_never_uses_the_credentials_of_an_aws_account(tmp_path: Path) -> None:
    credentials = in_local_cloud(local_folder(tmp_path)).session.get_credentials()

    assert credentials is not None
    assert credentials.access_key == "local"


def test_the_local_cloud_is_never_another_machine(tmp_path: Path) -> None:
    folder = local_folder(tmp_path, AwsEndpointUrl="https://sqs.us-east-1.amazonaws.com")

    with pytest.raises(CommandError, match="not this machine"):
        in_local_cloud(folder)


def test_without_a_local_cloud_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudAbsentError) as absent:
        in_local_cloud(tmp_path)

    assert absent.value.fix is not None
    assert "make start" in absent.value.fix


@pytest.mark.parametrize("text", ["{", "[]", '{"AwsRegion": "us-east-1"}'])
def test_outputs_that_cannot_be_read_say_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "outputs.json").write_text(text, encoding="utf-8")

    with pytest.raises(LocalCloudAbsentError, match="not what the local cloud writes"):
        in_local_cloud(tmp_path)


@pytest.mark.parametrize(("profile", "region"), [("shop", None), (None, "us-east-1")])
def test_local_goes_without_profile_and_region(profile: str | None, region: str | None) -> None:
    with pytest.raises(CommandError, match="without --profile and --region"):
        choose(local=True, profile=profile, region=region, stack="kairan")


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="nobody"):
        choose(local=False, profile="nobody", region=None, stack="kairan")


def test_without_a_region_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(CommandError, match="region") as absent:
        choose(local=False, profile=None, region=None, stack="kairan")

    assert absent.value.fix is not None
    assert "--region" in absent.value.fix
