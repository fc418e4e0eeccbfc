"""The webhook with line-bot-sdk: LINE's parser, boto3's SQS client."""

import json
import os
from typing import Any

import boto3
from linebot.v3 import WebhookParser  # type: ignore[import-untyped]
from linebot.v3.exceptions import InvalidSignatureError  # type: ignore[import-untyped]

sqs = boto3.client("sqs")
parser = WebhookParser(os.environ["CHANNEL_SECRET"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    try:
        callback = parser.parse(event["body"], event["headers"]["x-line-signature"], as_payload=True)
    except InvalidSignatureError:
        return {"statusCode": 400, "body": "InvalidSignatureError"}
    for each in callback.events:
        sqs.send_message(
            QueueUrl=os.environ["INBOX_QUEUE_URL"],
            MessageBody=json.dumps({"destination": callback.destination, "event": each.to_dict()}),
            MessageGroupId=each.source.user_id,
            MessageDeduplicationId=each.webhook_event_id,
        )
    return {"statusCode": 200, "body": "OK"}
