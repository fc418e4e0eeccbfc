"""The inbox with line-bot-sdk: its models of events, its client for the profile, boto3's DynamoDB client."""

import json
import os
from typing import Any

import boto3
from linebot.v3.messaging import ApiClient, Configuration, MessagingApi  # type: ignore[import-untyped]
from linebot.v3.webhooks import Event, FollowEvent  # type: ignore[import-untyped]

dynamodb = boto3.client("dynamodb")
line = MessagingApi(ApiClient(Configuration(access_token=os.environ["CHANNEL_ACCESS_TOKEN"])))


def handler(event: dict[str, Any], _context: object) -> None:
    for record in event["Records"]:
        follow = Event.from_dict(json.loads(record["body"])["event"])
        if isinstance(follow, FollowEvent):
            profile = line.get_profile(follow.source.user_id)
            dynamodb.put_item(
                TableName=os.environ["AUDIENCE_TABLE"],
                Item={"sk": {"S": follow.source.user_id}, "display_name": {"S": profile.display_name}},
            )
