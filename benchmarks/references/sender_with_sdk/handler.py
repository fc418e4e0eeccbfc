"""A sender with line-bot-sdk: a push for every endpoint, and a record of it in DynamoDB, with boto3."""

import os
from typing import Any

import boto3
from linebot.v3.messaging import (  # type: ignore[import-untyped]
    ApiClient,
    Configuration,
    MessagingApi,
    PushMessageRequest,
    TextMessage,
)

dynamodb = boto3.client("dynamodb")
line = MessagingApi(ApiClient(Configuration(access_token=os.environ["CHANNEL_ACCESS_TOKEN"])))


def handler(event: dict[str, Any], _context: object) -> None:
    for endpoint_id, endpoint in event["Endpoints"].items():
        request = PushMessageRequest(to=endpoint["Address"], messages=[TextMessage(text=event["Data"])])
        answer = line.push_message(request)
        dynamodb.put_item(
            TableName=os.environ["DELIVERIES_TABLE"],
            Item={"delivery_id": {"S": endpoint_id}, "message_id": {"S": answer.sent_messages[0].id}},
        )
