"""Batches by reference: the fake and S3 keep the same promises."""

from collections.abc import Callable
from io import BytesIO
from unicodedata import normalize

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from kairan import aws
from kairan.callers.own_batch import BatchStore
from kairan.callers.s3 import S3BatchStore
from kairan.errors import InvalidInputError, StoreUnavailableError, Violation
from tests.rigs.senders import FakeBatchStore

BUCKET = "batches"
KEY = "batches/春 1.json"
NOTHING_THERE = (Violation("batch.key", "names nothing in the bucket of batches"),)

Put = Callable[[str, bytes], object]


@pytest.fixture(params=["fake", "s3"])
def store_and_put(request: pytest.FixtureRequest) -> tuple[BatchStore, Put]:
    if request.param == "fake":
        fake = FakeBatchStore()
        return fake, fake.objects.__setitem__
    request.getfixturevalue("moto")
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return S3BatchStore(BUCKET), lambda key, data: client.put_object(Bucket=BUCKET, Key=key, Body=data)


@pytest.mark.parametrize("data", [b"", b"{}", "回覧 🎌".encode(), bytes(3_000_000)], ids=len)
def test_a_batch_is_read_as_it_was_put_there(store_and_put: tuple[BatchStore, Put], data: bytes) -> None:
    store, put = store_and_put

    put(KEY, data)

    assert store.read(KEY) == data


def test_a_batch_that_was_put_there_again_is_read_as_it_is_now(store_and_put: tuple[BatchStore, Put]) -> None:
    store, put = store_and_put
    put(KEY, b"first")
    assert store.read(KEY) == b"first"

    put(KEY, b"second")

    assert store.read(KEY) == b"second"


def test_a_batch_is_found_by_a_key_that_looks_equal(store_and_put: tuple[BatchStore, Put]) -> None:
    store, put = store_and_put
    put(normalize("NFD", "batches/ガラス.json"), b"{}")

    assert store.read(normalize("NFC", "batches/ガラス.json")) == b"{}"


def test_a_key_that_names_nothing_is_the_callers_mistake(store_and_put: tuple[BatchStore, Put]) -> None:
    store, put = store_and_put
    put("batches/another", b"{}")

    with pytest.raises(InvalidInputError) as raised:
        store.read(KEY)

    assert raised.value.violations == NOTHING_THERE


def test_without_the_permission_to_list_an_absent_batch_is_absent_too(fresh_clients: None) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_client_error("get_object", "AccessDenied", http_status_code=403)

        with pytest.raises(InvalidInputError) as raised:
            S3BatchStore(BUCKET).read(KEY)

    assert raised.value.violations == NOTHING_THERE


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("NoSuchBucket", 404)])
def test_a_bucket_that_throttles_or_fails_is_retryable(fresh_clients: None, code: str, status: int) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_client_error("get_object", code, http_status_code=status)

        with pytest.raises(StoreUnavailableError, match=f"^the batch could not be read: {code}$"):
            S3BatchStore(BUCKET).read(KEY)


def test_a_batch_that_breaks_off_is_read_again(fresh_clients: None) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_response("get_object", {"Body": StreamingBody(BytesIO(b'{"id"'), 100)})

        with pytest.raises(StoreUnavailableError, match="IncompleteReadError"):
            S3BatchStore(BUCKET).read(KEY)


def test_a_bucket_out_of_reach_is_retryable(fresh_clients: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3.invalid")

    monkeypatch.setattr(aws.client("s3"), "get_object", refuse)

    with pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        S3BatchStore(BUCKET).read(KEY)
