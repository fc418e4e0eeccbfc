"""Deploy-time settings: typed, validated, read from CDK context.

`cdk.json` lists them with their defaults, and `cdk deploy -c name=value` changes one for a deployment.
`docs/settings.md` explains them. A test compares all three.
"""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationError

from kairan.contract import Pace, Sender

CDK_JSON = Path(__file__).parent.parent / "cdk.json"
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
BUCKET = "{bucket}"
"""Stands for the bucket's name in `images_url`, `audio_url` and `video_url`."""

DEFAULT_DATA_BYTES = 2000
MAX_TARGETS = 5
MAX_TARGET_CHARACTERS = 400
"""The addresses of all targets go into one function's environment, with those of their queues."""
LINE_MULTICAST_PER_SECOND = 200
LINE_PUSH_PER_SECOND = 2000
"""The rates of a channel (Messaging API documentation, "Rate limits")."""

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
"""The values that CloudWatch Logs takes (PutRetentionPolicy)."""

ApiAuth = Literal["key", "iam"]
SpeechApi = Literal["engine", "wrapper"]

ENGINE_VARIABLE = "AIVIS_SPEECH_API_URL"
WRAPPER_VARIABLE = "AIVIS_SPEECH_FAST_API_URL"
"""Environment variables of older services. The first one that is set replaces an empty `aivis_speech_url`."""


FORMER_NAMES = {"channel": "account"}
"""Present names by former ones. The former ones still work: with the default `account`, a deployment would lose its
audience."""
FORMER_SETTINGS = {"line_data_url"}
"""Settings that had no effect. They are ignored."""


class SettingsError(Exception):
    """Its sentence names each wrong setting, its value and the allowed values."""


def _web_address(url: str, *, plain_http: bool = False) -> str:
    parts = urlsplit(url.replace(BUCKET, "bucket"))
    loopback = parts.hostname is not None and LOOPBACK.fullmatch(parts.hostname) is not None
    if not parts.hostname or parts.scheme not in (("https", "http") if plain_http or loopback else ("https",)):
        raise ValueError("not an allowed address")
    if parts.query or parts.fragment or parts.username or re.search(r"[\s<>\"]", url):
        raise ValueError("more than an address")
    if not (parts.port is None or parts.port > 0):
        raise ValueError("not a port")
    return url.rstrip("/")


def _list_of_text(value: object) -> object:
    """A JSON list, or addresses that blanks or commas separate."""
    if not isinstance(value, str):
        return value or ()
    return json.loads(value) if value.lstrip().startswith("[") else value.replace(",", " ").split()


def _target(url: str) -> str:
    """The address as it was written: its path may end with a slash, and its query may hold a key."""
    _without_bucket(_web_address(url.partition("?")[0]))
    if not re.fullmatch(r"[!-~]+", url) or "#" in url or re.search(r"[<>\"]", url) or len(url) > MAX_TARGET_CHARACTERS:
        raise ValueError("not an address of a webhook")
    return url


def _different(urls: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(urls)) < len(urls):
        raise ValueError("one of them twice")
    return urls


def _without_bucket(url: str) -> str:
    if re.search(r"[{}]", url):
        raise ValueError("no placeholder here")
    return url


def _only_bucket(url: str) -> str:
    if re.search(r"[{}]", url.replace(BUCKET, "")):
        raise ValueError("another placeholder")
    return url


def _text_of_number(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _json_of_text(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value.strip() else value or {}


def _number_of_text(value: object) -> object:
    """The values of `-c` are strings."""
    return int(value) if isinstance(value, str) else value


def _small(data: dict[str, Any]) -> dict[str, Any]:
    """Each value goes into a function's environment, which has 4 KB for all variables together."""
    if any(len(json.dumps(value, ensure_ascii=False).encode()) > DEFAULT_DATA_BYTES for value in data.values()):
        raise ValueError("too large")
    return data


Whole = Annotated[int, Strict(), BeforeValidator(_number_of_text)]
Url = Annotated[str, AfterValidator(lambda url: _without_bucket(_web_address(url)))]
MediaUrl = Annotated[str, AfterValidator(lambda url: url and _only_bucket(_web_address(url)))]
SpeechUrl = Annotated[str, AfterValidator(lambda url: url and _without_bucket(_web_address(url, plain_http=True)))]
"""An engine may run on the owner's own machine, without a certificate."""

Targets = Annotated[
    tuple[Annotated[str, AfterValidator(_target)], ...],
    Field(max_length=MAX_TARGETS),
    BeforeValidator(_list_of_text),
    AfterValidator(_different),
]

HTTPS = "an https address (http for loopback addresses only)"
MEDIA_URL_ALLOWED = f"empty, or {HTTPS}, in which `{BUCKET}` is the bucket's name"


class Settings(BaseModel):
    """Each field's description says what is allowed. It completes the sentence about a wrong value."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    stack_name: str = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,127}$",
        description="letters, digits and hyphens, beginning with a letter, at most 128",
    )
    account: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$",
        description="lower-case letters, digits, hyphens and underscores, at most 32",
    )
    audience_store: Literal["dynamodb", "pinpoint"] = Field(description="`dynamodb` or `pinpoint`")
    secret_name: str = Field(
        pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$", description="letters, digits and `/_+=.@-`, at most 512"
    )
    existing_secret_arn: str = Field(
        pattern=r"^$|^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$",
        description="empty, or the whole ARN of a secret, with the six characters at its end",
    )
    secret_key_arn: str = Field(
        pattern=r"^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$",
        description="empty, or `arn:aws:kms:<region>:<account>:key/<id>`",
    )
    unfollowed_retention_days: Whole = Field(ge=0, le=3650, description="a whole number from 0 to 3650")
    retain_data: bool = Field(description="`true` or `false`")
    alarm_email: str = Field(
        pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254, description="empty, or an e-mail address"
    )
    connect_instance_arn: str = Field(
        pattern=r"^$|^arn:aws[a-z-]*:connect:[a-z0-9-]+:\d{12}:instance/[A-Za-z0-9-]+$",
        description="empty, or `arn:aws:connect:<region>:<account>:instance/<id>`",
    )
    connect_user_id_attribute: str = Field(
        pattern=r"^[A-Za-z0-9_.-]{1,255}$", description="letters, digits and `_.-`, at most 255"
    )
    connect_default_data: Annotated[
        dict[Sender, str | dict[str, Any] | list[dict[str, Any]]],
        BeforeValidator(_json_of_text),
        AfterValidator(_small),
    ] = Field(
        description=f"a JSON object of a sender's name ({', '.join(f'`{sender}`' for sender in Sender)}) to its "
        f"`Data`, each of at most {DEFAULT_DATA_BYTES} bytes"
    )
    campaign_samples: bool = Field(description="`true` or `false`")
    sender_concurrency: Whole = Field(
        ge=0, le=1000, description="a whole number from 0 to 1000 (0: the account's concurrency is the only limit)"
    )
    multicast_per_second: Whole = Field(
        ge=1, le=LINE_MULTICAST_PER_SECOND, description=f"a whole number from 1 to {LINE_MULTICAST_PER_SECOND}"
    )
    push_per_second: Whole = Field(
        ge=1, le=LINE_PUSH_PER_SECOND, description=f"a whole number from 1 to {LINE_PUSH_PER_SECOND}"
    )
    push_connections: Whole = Field(ge=1, le=256, description="a whole number from 1 to 256")
    line_api_url: Url = Field(description=HTTPS)
    images_url: MediaUrl = Field(description=MEDIA_URL_ALLOWED)
    audio_url: MediaUrl = Field(description=MEDIA_URL_ALLOWED)
    video_url: MediaUrl = Field(description=MEDIA_URL_ALLOWED)
    aivis_speech_url: SpeechUrl = Field(description="empty, or an http or https address")
    aivis_speech_api: SpeechApi = Field(description="`engine` or `wrapper`")
    aivis_speech_speaker: Whole = Field(
        ge=-(2**31), le=2**31 - 1, description="a whole number from -2147483648 to 2147483647"
    )
    tts_max_characters: Whole = Field(ge=1, le=10000, description="a whole number from 1 to 10000")
    webhook_requests_per_second: Whole = Field(ge=1, le=1000, description="a whole number from 1 to 1000")
    forward_webhooks_to: Targets = Field(
        description=f"a JSON list of at most {MAX_TARGETS} different https addresses (http for loopback addresses "
        f"only), each of at most {MAX_TARGET_CHARACTERS} characters, without a fragment"
    )
    api_pages: bool = Field(description="`true` or `false`")
    api_auth: ApiAuth = Field(description="`key` or `iam`")
    api_requests_per_second: Whole = Field(ge=1, le=1000, description="a whole number from 1 to 1000")
    api_burst: Whole = Field(ge=1, le=2000, description="a whole number from 1 to 2000")
    api_requests_per_day: Whole = Field(
        ge=0, le=100_000_000, description="a whole number from 0 to 100000000 (0: no limit)"
    )
    architecture: Literal["arm64", "x86_64"] = Field(description="`arm64` or `x86_64`")
    python_version: Annotated[Literal["3.11", "3.12", "3.13", "3.14"], BeforeValidator(_text_of_number)] = Field(
        description="`3.11`, `3.12`, `3.13` or `3.14`"
    )
    log_retention_days: Annotated[LogRetentionDays, BeforeValidator(_number_of_text)] = Field(
        description=f"one of {', '.join(map(str, get_args(LogRetentionDays)))}"
    )

    @property
    def sender_pace(self) -> Pace:
        """The share of LINE's rates of one process of a sender: of `sender_concurrency` that run at once, if it is set.

        `multicast_per_second` and `push_per_second` are the most for one process.
        """
        processes = self.sender_concurrency or 1
        return Pace(
            multicast_per_second=min(self.multicast_per_second, LINE_MULTICAST_PER_SECOND / processes),
            push_per_second=min(self.push_per_second, LINE_PUSH_PER_SECOND / processes),
            push_connections=self.push_connections,
        )

    @classmethod
    def read(cls, context: Mapping[str, Any], environment: Mapping[str, str] = MappingProxyType({})) -> "Settings":
        """The settings of a CDK context. Raises SettingsError.

        Settings that it does not name come from `cdk.json`; an empty `aivis_speech_url` comes from the environment.
        """
        _refuse_misspelt(context)
        values = defaults() | _settings_in(context)
        speech = {} if values.get("aivis_speech_url") else _speech_in(environment)
        values |= speech
        origins = {name: f"{former} (now {name})" for former, name in FORMER_NAMES.items() if former in context}
        origins |= {name: f"{name} (from the environment)" for name in speech}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            wrong = dict.fromkeys(str(detail["loc"][0]) for detail in error.errors())
            raise SettingsError(
                "; ".join(_sentence(origins.get(name, name), name, values.get(name)) for name in wrong)
            ) from error


def defaults() -> dict[str, Any]:
    return _settings_in(json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"])


def _settings_in(context: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a context, by present names.

    Raises SettingsError when the two names of one setting have two values.
    """
    values = {name: value for name, value in context.items() if name in Settings.model_fields}
    for former, name in FORMER_NAMES.items():
        if former in context and values.setdefault(name, context[former]) != context[former]:
            raise SettingsError(
                f"{former} is {context[former]!r} and {name} is {values[name]!r}, but {former} is the former name of "
                f"{name}: set {name} alone, to the value that is deployed"
            )
    return values


def _speech_in(environment: Mapping[str, str]) -> dict[str, str]:
    if url := environment.get(ENGINE_VARIABLE):
        return {"aivis_speech_url": url}
    if url := environment.get(WRAPPER_VARIABLE):
        return {"aivis_speech_url": url, "aivis_speech_api": "wrapper"}
    return {}


def _sentence(shown_name: str, name: str, value: object) -> str:
    shown = "missing" if value is None else value if isinstance(value, int | float) else repr(value)[:120]
    return f"{shown_name} is {shown}, but must be {Settings.model_fields[name].description}"


def _refuse_misspelt(context: Mapping[str, Any]) -> None:
    """Refuses keys that look like a setting's name. The context has CDK's own keys, too, so other keys pass."""
    names = {name: name for name in Settings.model_fields} | FORMER_NAMES
    for key, value in context.items():
        if key in names or key in FORMER_SETTINGS:
            continue
        if meant := get_close_matches(key.replace("-", "_").lower(), names, n=1, cutoff=0.8):
            raise SettingsError(
                f"{key} is {value!r}, but there is no such setting; the closest name is {names[meant[0]]}"
            )
