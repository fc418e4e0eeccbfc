"""What a cold start loads."""

import subprocess
import sys


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = """
import sys
import kairan.delivery.callers, kairan.delivery.content, kairan.delivery.templates, kairan.line.messages, kairan.media.s3
print(*sorted({"pydantic", "PIL", "tinytag", "requests", "boto3", "linebot"} & {name.split(".")[0] for name in sys.modules}))
"""

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )

    assert loaded.stdout.split() == []
