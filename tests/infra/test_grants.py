"""Who may do what, to the last action. What stands in no row is forbidden."""

import re
from pathlib import Path

import pytest

from kairan.contract import Sender
from tests.infra.deployed import CONNECT_INSTANCE, KEY_ARN, SECRET_ARN, VARIANTS, Deployed, deployed, text

STORES = {sender: f"Media{sender.media.capitalize()}" for sender in Sender if sender.media and not sender.speaks}

KAIRAN = Path(__file__).parents[2] / "kairan"
CALLS_OF_OTHERS = {
    ("audience/dynamodb.py", "inbox"): {"query"},
    ("audience/pinpoint.py", "inbox"): {"get_endpoint"},
    ("audience/dynamodb.py", "api"): {"query", "put_item", "update_item", "delete_item"},
    ("audience/pinpoint.py", "api"): {"update_endpoint", "delete_endpoint"},
}
"""What of an adapter a function has no use for. (A shard of the audience is for campaigns, which no function sends
yet.)"""

READ_SECRET = {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}
SEND = {"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}
CONSUME = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
}
TRACE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
WRITE_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}

WEBHOOK = {
    "*": TRACE,
    "WebhookFunctionLogs.Arn": WRITE_LOG,
    "CredentialsSecret": READ_SECRET,
    "WebhookQueue.Arn": SEND,
}
INBOX = {
    "*": TRACE,
    "WebhookInboxLogs.Arn": WRITE_LOG,
    "CredentialsSecret": READ_SECRET,
    "WebhookQueue.Arn": CONSUME,
    "WebhookDeadLetters.Arn": SEND,
    "AudienceTable.Arn": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
    "AudienceEventsSeen.Arn": {"dynamodb:UpdateItem"},
}
TARGETS = ("ForwardingTarget78e74ff3d5e1", "ForwardingTarget89b9609242e7")
WITH_TARGETS = {
    "webhook": WEBHOOK
    | {f"{target}Queue.Arn": SEND for target in TARGETS}
    | {"CampaignsBucket.Arn/forwarded/*": {"s3:PutObject"}},
    "forward": {
        "*": TRACE,
        "ForwardingFunctionLogs.Arn": WRITE_LOG,
        **{f"{target}Queue.Arn": CONSUME for target in TARGETS},
        **{f"{target}DeadLetters.Arn": SEND for target in TARGETS},
        "CampaignsBucket.Arn/forwarded/*": {"s3:GetObject"},
    },
}
ENDPOINTS = (
    "arn:<AWS::Partition>:mobiletargeting:<AWS::Region>:<AWS::AccountId>:apps/AudiencePinpointApplication/endpoints/*"
)
API = {
    "*": TRACE,
    "PushApiFunctionLogs.Arn": WRITE_LOG,
    "CredentialsSecret": READ_SECRET,
    "SendersDeliveries.Arn": {"dynamodb:GetItem", "dynamodb:PutItem"},
    "AudienceTable.Arn": {"dynamodb:GetItem"},
    **{
        f"Media{store}Bucket.Arn{path}": actions
        for store in ("Images", "Audio", "Video")
        for path, actions in {
            "": {"s3:ListBucket"},
            "/*": {"s3:GetObject"},
            "/previews/*": {"s3:PutObject"},
            "/incoming/*": {"s3:PutObject"},
            "/uploads/*": {"s3:PutObject", "s3:DeleteObject"},
            "/previews/uploads/*": {"s3:DeleteObject"},
        }.items()
    },
    "MediaAudioBucket.Arn/tts/*": {"s3:GetObject", "s3:PutObject"},
    "MediaAudioBucket.Arn/tts/*.lock": {"s3:DeleteObject"},
}
FILL = {
    "*": TRACE,
    "SampleMediaFunctionLogs.Arn": WRITE_LOG,
    "MediaImagesBucket.Arn/sample_image.jpg": {"s3:PutObject"},
    "MediaAudioBucket.Arn/sample_audio.mp3": {"s3:PutObject"},
    "MediaVideoBucket.Arn/sample_video.mp4": {"s3:PutObject"},
    "MediaVideoBucket.Arn/sample_image.jpg": {"s3:PutObject"},
}


def sending(sender: Sender) -> dict[str, set[str]]:
    grants = {
        "*": TRACE,
        f"Senders{sender.construct_id}Logs.Arn": WRITE_LOG,
        "CredentialsSecret": READ_SECRET,
        "SendersDeliveries.Arn": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "SendersFailures.Arn": SEND,
        "CampaignsBucket.Arn/batches/*": {"s3:GetObject"},
        "CampaignsBucket.Arn/parked/*": {"s3:PutObject"},
    }
    if store := STORES.get(sender):
        grants |= {
            f"{store}Bucket.Arn": {"s3:ListBucket"},
            f"{store}Bucket.Arn/*": {"s3:GetObject"},
            f"{store}Bucket.Arn/previews/*": {"s3:PutObject"},
        }
    if sender is Sender.SPEECH:
        grants |= {
            "MediaAudioBucket.Arn": {"s3:ListBucket"},
            "MediaAudioBucket.Arn/tts/*": {"s3:GetObject", "s3:PutObject"},
            "MediaAudioBucket.Arn/tts/*.lock": {"s3:DeleteObject"},
        }
    return grants


@pytest.mark.parametrize(
    ("function", "grants"),
    [
        ("webhook", WEBHOOK),
        ("inbox", INBOX),
        ("api", API),
        ("sample_media", FILL),
        *((each, sending(each)) for each in Sender),
    ],
)
def test_a_function_may_do_what_it_does_and_nothing_else(
    default: Deployed, function: str, grants: dict[str, set[str]]
) -> None:
    assert default.grants(function) == grants


@pytest.mark.parametrize("function", WITH_TARGETS)
def test_with_targets_the_webhook_fills_their_queues_and_one_more_function_empties_them(function: str) -> None:
    assert deployed("forwarding").grants(function) == WITH_TARGETS[function]


@pytest.mark.parametrize(
    ("adapter", "service", "variant", "function", "resource"),
    [
        ("audience/dynamodb.py", "dynamodb", "default", "inbox", "AudienceTable.Arn"),
        ("audience/pinpoint.py", "pinpoint", "pinpoint", "inbox", ENDPOINTS),
        ("audience/dynamodb.py", "dynamodb", "default", "api", "AudienceTable.Arn"),
        ("audience/pinpoint.py", "pinpoint", "pinpoint", "api", ENDPOINTS),
        ("inbox/dynamodb.py", "dynamodb", "default", "inbox", "AudienceEventsSeen.Arn"),
        ("sending/dynamodb.py", "dynamodb", "default", "send_text", "SendersDeliveries.Arn"),
        ("sending/dynamodb.py", "dynamodb", "default", "api", "SendersDeliveries.Arn"),
    ],
)
def test_a_function_may_call_what_its_adapter_calls(
    adapter: str, service: str, variant: str, function: str, resource: str
) -> None:
    """The local cloud knows no permissions: a call without its grant would be found on AWS only."""
    code = (KAIRAN / adapter).read_text(encoding="utf-8")
    calls = set(re.findall(rf'aws\.client\("{service}"\)\.(\w+)\(', code))
    if "transact_write_items" in calls:  # each part of a transaction wants the action of its own call
        calls = calls - {"transact_write_items"} | {"put_item", "update_item", "delete_item"}

    allowed = {action.split(":")[1] for action in deployed(variant).grants(function)[resource]}

    assert allowed == {
        "".join(word.capitalize() for word in call.split("_"))
        for call in calls - CALLS_OF_OTHERS.get((adapter, function), set())
    }


IN_S3 = {
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "list_objects_v2": "s3:ListBucket",
    "put_object": "s3:PutObject",
    "copy_object": "s3:PutObject",
    "delete_object": "s3:DeleteObject",
}
"""The action that a call wants ("Required permissions for Amazon S3 API operations")."""


@pytest.mark.parametrize(
    ("adapter", "function"),
    [
        ("media/s3_bucket.py", "api"),
        ("speech/s3.py", "api"),
        ("speech/s3.py", "send_speech"),
    ],
)
def test_a_function_may_do_with_files_what_its_adapter_does(default: Deployed, adapter: str, function: str) -> None:
    code = (KAIRAN / adapter).read_text(encoding="utf-8")
    wanted = {IN_S3[call] for call in re.findall(r"self\._s3\.(\w+)\(", code)}

    audio = {a for resource, actions in default.grants(function).items() if "MediaAudio" in resource for a in actions}

    assert wanted <= audio


@pytest.mark.parametrize("function", STORES)
def test_a_sender_of_files_reaches_its_own_bucket_only_and_writes_previews_only(
    default: Deployed, function: Sender
) -> None:
    in_s3 = {
        resource: actions
        for resource, actions in default.grants(function).items()
        if any(action.startswith("s3:") for action in actions)
    }
    assert in_s3.pop("CampaignsBucket.Arn/batches/*") == {"s3:GetObject"}
    assert in_s3.pop("CampaignsBucket.Arn/parked/*") == {"s3:PutObject"}

    assert all(resource.startswith(f"{STORES[function]}Bucket.Arn") for resource in in_s3)
    assert {resource for resource, actions in in_s3.items() if actions & {"s3:PutObject", "s3:DeleteObject"}} == {
        f"{STORES[function]}Bucket.Arn/previews/*"
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_but_traces_is_allowed_on_everything_and_no_action_is_a_pattern(variant: str) -> None:
    stack = deployed(variant)

    for function in stack.functions:
        grants = stack.grants(function)
        assert grants["*"] == TRACE
        assert not [action for actions in grants.values() for action in actions if "*" in action]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_policy_belongs_to_a_function(variant: str) -> None:
    stack = deployed(variant)
    roles = {text(function["Role"]).removesuffix(".Arn") for function in stack.functions.values()}

    assert {text(role) for policy in stack.all("IAM::Policy").values() for role in policy["Roles"]} == roles
    assert not [role for role in stack.all("IAM::Role").values() if "Policies" in role]


def test_with_pinpoint_the_inbox_keeps_endpoints_instead_of_the_table() -> None:
    granted = deployed("pinpoint").grants("inbox")

    table = {"AudienceTable.Arn": INBOX["AudienceTable.Arn"]}
    endpoints = {ENDPOINTS: {"mobiletargeting:UpdateEndpoint", "mobiletargeting:DeleteEndpoint"}}
    assert granted == {resource: actions for resource, actions in INBOX.items() if resource not in table} | endpoints


def test_with_pinpoint_the_api_reads_one_endpoint_at_a_time_instead_of_the_table() -> None:
    granted = deployed("pinpoint").grants("api")

    table = "AudienceTable.Arn"
    elsewhere = {resource: actions for resource, actions in API.items() if resource != table}
    assert granted == elsewhere | {ENDPOINTS: {"mobiletargeting:GetEndpoint"}}


def test_an_existing_secret_is_the_one_that_may_be_read() -> None:
    stack = deployed("existing_secret")

    for function in ("webhook", "inbox", "api", *Sender):
        grants = stack.grants(function)
        assert grants[SECRET_ARN] == READ_SECRET
        assert stack.variables(function)["SECRET_ARN"] == SECRET_ARN
        assert "CredentialsSecret" not in grants


@pytest.mark.parametrize("variant", ["own_key", "own_key_of_existing_secret"])
def test_whoever_reads_a_secret_with_a_key_of_the_owners_may_use_the_key_through_secrets_manager(variant: str) -> None:
    stack = deployed(variant)
    readers = {"webhook", "inbox", "api", *Sender}

    assert {each: stack.grants(each).get(KEY_ARN) for each in stack.functions} == {
        each: {"kms:Decrypt"} if each in readers else None for each in stack.functions
    }
    conditions = [
        statement["Condition"]
        for policy in stack.all("IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if text(statement["Resource"]) == KEY_ARN
    ]
    through = {"StringEquals": {"kms:ViaService": "secretsmanager.<AWS::Region>.amazonaws.com"}}
    assert [
        {test: {key: text(value) for key, value in values.items()} for test, values in each.items()}
        for each in conditions
    ] == [through] * len(readers)


def test_a_new_secret_is_encrypted_by_the_key_of_the_owners() -> None:
    (secret,) = deployed("own_key").all("SecretsManager::Secret").values()

    assert secret["KmsKeyId"] == KEY_ARN


def test_only_a_stack_that_retains_nothing_may_empty_its_buckets() -> None:
    granted = deployed("trial").grants("sample_media")

    emptying = {
        key: actions
        for bucket in ("MediaImagesBucket", "MediaAudioBucket", "MediaVideoBucket", "CampaignsBucket")
        for key, actions in {f"{bucket}.Arn": {"s3:ListBucket"}, f"{bucket}.Arn/*": {"s3:DeleteObject"}}.items()
    }
    assert granted == FILL | emptying


# who may invoke


def invokers(stack: Deployed) -> dict[str, set[tuple[str, str, str]]]:
    """Principal, source account and source by function."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for permission in stack.all("Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction"
        function = text(permission["FunctionName"]).removesuffix(".Arn")
        source = text(permission.get("SourceAccount", "")), text(permission.get("SourceArn", ""))
        found.setdefault(function, set()).add((text(permission["Principal"]), *source))
    return found


STAGE = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:WebhookApi/WebhookApiDeploymentStageprod"
THE_API = {
    function: {("apigateway.amazonaws.com", "", f"{STAGE}/{route}") for route in routes}
    for function, routes in {
        "WebhookFunction": ["POST/webhook"],
        "PushApiFunction": ["*/v1/*", "GET/health", "GET/version", "GET/openapi.json", "GET/docs", "GET/redoc"],
    }.items()
}
SENDING = [f"Senders{sender.construct_id}" for sender in Sender]


def test_only_the_api_may_invoke_a_function_and_only_those_of_its_routes(default: Deployed) -> None:
    assert invokers(default) == THE_API


def test_with_pinpoint_campaigns_and_journeys_of_its_application_may_invoke_the_senders() -> None:
    application = "arn:<AWS::Partition>:mobiletargeting:<AWS::Region>:<AWS::AccountId>:apps/AudiencePinpointApplication"
    pinpoint = {
        (f"{principal}.amazonaws.com", "<AWS::AccountId>", f"{application}/{activity}/*")
        for principal in ("pinpoint", "pinpoint.<AWS::Region>")
        for activity in ("campaigns", "journeys")
    }

    assert invokers(deployed("pinpoint")) == THE_API | dict.fromkeys(SENDING, pinpoint)


def test_with_an_instance_of_connect_its_account_may_invoke_the_senders() -> None:
    account = CONNECT_INSTANCE.split(":")[4]
    connect = {(f"{service}.amazonaws.com", account, "") for service in ("connect", "connect-campaigns")}

    assert invokers(deployed("connect")) == THE_API | dict.fromkeys(SENDING, connect)
