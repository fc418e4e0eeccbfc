"""The stack's template in several settings, each synthesised once, and its resources by readable names."""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from aws_cdk import App
from aws_cdk.assertions import Template

from infra import nag
from infra.settings import Settings
from infra.stack import KairanStack

CONNECT_INSTANCE = "arn:aws:connect:ap-northeast-1:444455556666:instance/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11"
SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:line/shop-AbCdEf"
KEY_ARN = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "pinpoint": {"audience_store": "pinpoint"},
    "connect": {
        "connect_instance_arn": CONNECT_INSTANCE,
        "connect_user_id_attribute": "LineId",
        "connect_default_data": '{"send_text": "Hello", "send_image": {"image": "a.png"}}',
    },
    "existing_secret": {"existing_secret_arn": SECRET_ARN},
    "own_key": {"secret_key_arn": KEY_ARN},
    "own_key_of_existing_secret": {"existing_secret_arn": SECRET_ARN, "secret_key_arn": KEY_ARN},
    "trial": {"retain_data": "false", "alarm_email": "operator@example.com", "stack_name": "kairan-trial"},
    "elsewhere": {
        "account": "shop2",
        "architecture": "x86_64",
        "python_version": "3.12",
        "log_retention_days": "7",
        "images_url": "http://127.0.0.1:4566/{bucket}",
        "audio_url": "https://{bucket}.example.com/sounds",
        "video_url": "https://videos.example.com/",
        "line_api_url": "http://127.0.0.1:4567",
        "sender_concurrency": "10",
        "aivis_speech_url": "http://10.0.0.5:10101",
        "aivis_speech_api": "wrapper",
        "aivis_speech_speaker": "-1",
        "tts_max_characters": "300",
        "webhook_requests_per_second": "20",
        "api_pages": "false",
        "api_requests_per_second": "5",
        "api_burst": "10",
        "api_requests_per_day": "1000",
    },
    "iam": {"api_auth": "iam"},
    "forwarding": {"forward_webhooks_to": ["https://bot.example.com/line?key=k1", "http://127.0.0.1:5001/"]},
}
WITHOUT_BUNDLING: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
HASH_OF_LOGICAL_ID = re.compile(r"[0-9A-F]{8}$")
MINIMIZED = {"@aws-cdk/aws-iam:minimizePolicies": True}
"""The CDK's own part of the context in `cdk.json`."""


@cache
def deployed(variant: str) -> "Deployed":
    return synthesised(VARIANTS[variant])


def synthesised(context: Mapping[str, Any]) -> "Deployed":
    """A finding of nag that nobody acknowledged raises here."""
    app = App(context=WITHOUT_BUNDLING | MINIMIZED)
    stack = KairanStack(app, "kairan", settings=Settings.read(context))
    nag.check(app)
    return Deployed(Template.from_stack(stack).to_json())


class Deployed:
    """Resources have the names of their constructs: `MediaImagesBucket`."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self.template = template

    def all(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a kind (`Lambda::Function`), by name."""
        return {name: resource.get("Properties", {}) for name, resource in self.resources(kind).items()}

    def resources(self, kind: str) -> dict[str, Any]:
        found = self.template["Resources"]
        return {short(key): each for key, each in found.items() if each["Type"] in (f"AWS::{kind}", kind)}

    @cached_property
    def functions(self) -> dict[str, Any]:
        """By name: of a sender, what its environment says; of all others, their folder."""
        return {
            each["Environment"]["Variables"].get("SENDER") or each["Handler"].split(".")[0]: each
            for each in self.all("Lambda::Function").values()
        }

    def construct_of(self, function: str) -> str:
        (name,) = (n for n, each in self.all("Lambda::Function").items() if each == self.functions[function])
        return name

    def variables(self, function: str) -> dict[str, str]:
        given = self.functions[function]["Environment"]["Variables"]
        return {name: text(value) for name, value in given.items()}

    def path_of(self, method: Any) -> str:
        """The path that a method of the API is at."""
        resources = self.all("ApiGateway::Resource")
        name, parts = text(method["ResourceId"]), list[str]()
        while name in resources:
            parts.insert(0, resources[name]["PathPart"])
            name = text(resources[name]["ParentId"])
        assert name == "WebhookApi.RootResourceId"
        return "/" + "/".join(parts)

    def ids(self, kind: str) -> set[str]:
        """The logical ids of all resources of a kind, as CloudFormation has them."""
        return {key for key, each in self.template["Resources"].items() if each["Type"] == f"AWS::{kind}"}

    def outputs(self) -> dict[str, str]:
        return {name: text(output["Value"]) for name, output in self.template["Outputs"].items()}

    def grants(self, function: str) -> dict[str, set[str]]:
        """What the role of a function may do, by resource."""
        role = text(self.functions[function]["Role"])
        granted: dict[str, set[str]] = {}
        for policy in self.all("IAM::Policy").values():
            if role in {f"{text(each)}.Arn" for each in policy["Roles"]}:
                for statement in policy["PolicyDocument"]["Statement"]:
                    assert statement["Effect"] == "Allow"
                    for resource in listed(statement["Resource"]):
                        granted.setdefault(text(resource), set()).update(listed(statement["Action"]))
        return granted

    def statements(self, kind: str, policy_of: str) -> list[Any]:
        """The statements of a resource's own policy."""
        (policy,) = (
            each["PolicyDocument"]
            for each in self.all(kind).values()
            if policy_of
            in {text(ref) for ref in listed(each.get("Bucket") or each.get("Queues") or each.get("Topics"))}
        )
        return list(policy["Statement"])


def text(value: Any) -> str:
    """A template's value as a sentence would have it: `<AWS::Region>`, `MediaImagesBucket.Arn/previews/*`."""
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    match function:
        case "Ref":
            return f"<{argument}>" if "::" in argument else short(argument)
        case "Fn::GetAtt":
            return f"{short(argument[0])}.{argument[1]}"
        case "Fn::Join":
            separator, parts = argument
            return str(separator).join(map(text, parts))
    raise AssertionError(f"unknown: {function}")


def short(logical_id: str) -> str:
    return HASH_OF_LOGICAL_ID.sub("", logical_id)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
