"""Bodies that LINE never posts to a webhook: what reads them, and the webhook itself, refuse each."""

BAD = {
    "nothing": b"",
    "not JSON": b"OK",
    "a list": b"[]",
    "a string": b'"events"',
    "no events": b'{"destination": "Ubot"}',
    "events are an object": b'{"events": {}}',
    "events are null": b'{"events": null}',
    "events are a number": b'{"events": 1}',
    "not UTF-8": b'{"events": [{"type": "\xff"}]}',
    "UTF-16": '{"events": []}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"events": []}',
    "NaN": b'{"events": [NaN]}',
    "infinity": b'{"events": [-Infinity]}',
    "a number without end": b'{"events": [1e999]}',
    "an integer without end": b'{"events": [' + b"9" * 5000 + b"]}",
    "lists without end": b'{"events": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "lists that never close": b"[" * 100_000,
    "objects without end": b'{"events": [' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}",
}
"""By what is wrong with each."""
