"""DynamoDB tables as the stack makes them, in moto's AWS."""

from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef


def create_table(name: str, partition_key: str, sort_key: str | None = None) -> None:
    """Keys are strings."""
    keys = {partition_key} if sort_key is None else {partition_key, sort_key}
    schema: list[KeySchemaElementTypeDef] = [{"AttributeName": partition_key, "KeyType": "HASH"}]
    if sort_key is not None:
        schema.append({"AttributeName": sort_key, "KeyType": "RANGE"})
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        KeySchema=schema,
    )


def create_ledger(name: str) -> None:
    create_table(name, "delivery_id")
