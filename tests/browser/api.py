"""The push API on a loopback port, behind a stage as in API Gateway."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.documentation import PAGES
from infra.bundling import npm_files
from tests.rigs.gateway import Context
from tests.rigs.gateway_app import gateway_app
from tests.rigs.push_service import PushServiceRig
from tools import asgi_server

KEY = "the-key-of-a-test"
STAGE = "/prod"


@dataclass
class RunningApi:
    url: str
    service: PushServiceRig


@contextmanager
def running_api(folder: Path) -> Iterator[RunningApi]:
    """`folder` becomes the bundle of `pages/`."""
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    for inside, path in npm_files("api"):
        shutil.copy(path, folder / Path(inside).name)
    service = PushServiceRig(pages=folder)
    app = gateway_app(lambda event: service.handler(event, Context(service.clock)), key=KEY, stage=STAGE)
    with asgi_server.serving(app, lifespan="off") as url:
        yield RunningApi(url + STAGE, service)
