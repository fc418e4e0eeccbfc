"""Batches that senders parked in S3, read in the form of a queue's messages. They stay until they are deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from cli.dead_letters.queue import Message, sent_at
from cli.errors import aws_errors
from kairan.contract import PARKED, PARKED_RETENTION_DAYS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef


class ParkedBatches:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def depth(self) -> int:
        return len(self._files())

    @contextmanager
    def received(self, limit: int | None = None) -> Iterator[Iterator[Message]]:
        """Each letter once, the oldest first. Nothing has to be put back."""
        yield islice(self._read(), limit)

    def delete(self, message: Message) -> None:
        with aws_errors():
            self._client.delete_object(Bucket=self._bucket, Key=message["MessageId"])

    def expires_at(self, message: Message) -> datetime:
        return sent_at(message) + timedelta(days=PARKED_RETENTION_DAYS)

    def _files(self) -> list["ObjectTypeDef"]:
        with aws_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PARKED)
            return sorted(
                (file for page in pages for file in page.get("Contents", [])), key=lambda file: file["LastModified"]
            )

    def _read(self) -> Iterator[Message]:
        for file in self._files():
            with aws_errors():
                try:
                    body = self._client.get_object(Bucket=self._bucket, Key=file["Key"])["Body"].read()
                except self._client.exceptions.NoSuchKey:
                    continue  # another redrive was faster
            yield {
                "MessageId": file["Key"],
                "Body": body.decode(errors="surrogatepass"),
                "Attributes": {"SentTimestamp": str(int(file["LastModified"].timestamp() * 1000))},
            }
