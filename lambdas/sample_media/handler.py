"""Wiring only. Everything worth testing is in app.py."""

import urllib3

from kairan import aws
from kairan.observability import observed
from sample_media.app import SampleMedia

http = urllib3.PoolManager(timeout=10, retries=urllib3.Retry(3, allowed_methods=None, status_forcelist=(500, 503)))


def put(url: str, body: bytes) -> None:
    """CloudFormation signs its address for a PUT without a content type."""
    answer = http.request("PUT", url, body=body, headers={"content-type": ""})
    if answer.status >= 300:
        raise RuntimeError(f"CloudFormation's address answered {answer.status}")


handler = observed(SampleMedia(s3=lambda: aws.client("s3"), put=put))
