"""The callers that ask to send, each with its own form of event and answer."""
