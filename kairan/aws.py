"""botocore clients, made once per service and only when first used.

botocore's own session makes the same clients as boto3 with sixty modules less to load at a cold start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from kairan import __version__
from kairan.errors import StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_one_at_a_time = Lock()

STANDARD = Config(
    user_agent=f"kairan/{__version__}",  # botocore would build its own at every call, for a tenth of the call's time
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)
OWN = {"dynamodb": STANDARD.merge(Config(connect_timeout=1, read_timeout=3, parameter_validation=False))}
"""Services with a configuration of their own.

DynamoDB answers within milliseconds. Where it does not, a push must fail before API Gateway gives up on it. The types
(boto3-stubs) have checked the parameters already; botocore's check would take as long as signing the request.
"""


@overload
def client(service: Literal["dynamodb"], config: Config | None = None) -> "DynamoDBClient": ...
@overload
def client(service: Literal["pinpoint"], config: Config | None = None) -> "PinpointClient": ...
@overload
def client(service: Literal["s3"], config: Config | None = None) -> "S3Client": ...
@overload
def client(service: Literal["secretsmanager"], config: Config | None = None) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sqs"], config: Config | None = None) -> "SQSClient": ...
def client(service: str, config: Config | None = None) -> Any:
    """A client with short time-outs and three attempts; region, credentials and endpoint come from the environment.

    Threads share one client for each service: making one costs tens of milliseconds of CPU.
    """
    with _one_at_a_time:
        return _create(service, config or OWN.get(service, STANDARD))


@cache
def _create(service: str, config: Config) -> Any:
    return get_session().create_client(service, config=config)


def forget_clients() -> None:
    """The next call makes new clients, for example after a test has started another AWS."""
    _create.cache_clear()


@contextmanager
def unavailable(sentence: str) -> Iterator[None]:
    """Turns botocore's errors into StoreUnavailableError. Its message is `sentence` and the code that AWS answered."""
    try:
        yield
    except ClientError as error:
        raise StoreUnavailableError(f"{sentence}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise StoreUnavailableError(f"{sentence}: {type(error).__name__}") from error
