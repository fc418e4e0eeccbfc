"""LINE: its ids, messages and their limits, webhook events, the signature, the credentials, the API."""

NAME = "line"
