"""Links that do not expire. The version is part of the address, so an overwritten file has a new address."""

from urllib.parse import quote


def link(base_url: str, key: str, etag: str) -> str:
    """`<base>/<key>?v=<ETag>`, percent-encoded. `base_url` has no slash at its end."""
    return f"{base_url}/{quote(key, safe='/~')}?v={quote(etag.strip(chr(34)), safe='')}"
