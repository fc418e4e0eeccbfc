"""Writes the OpenAPI document into a file."""

import json
import sys
from pathlib import Path
from typing import Any

from api.app import Api
from api.documentation import Documentation
from api.openapi import document


def main(path: str) -> None:
    nothing: Any = None  # the routes are described, and none is called
    api = Api(
        push_once=nothing,
        sources=nothing,
        audience=nothing,
        health=nothing,
        documentation=Documentation(),
        clock=nothing,
    )
    written = json.dumps(document(api.routes.all), ensure_ascii=False, indent=2)
    Path(path).write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
