"""The push API on a loopback port, behind a stage as API Gateway has them."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from api.documentation import PAGES
from infra.bundling import npm_files
from tests.gateway import Context
from tests.gateway_app import gateway_app
from tests.unit.api.service import Service

KEY = "the-key-of-a-test"
STAGE = "/prod"


@dataclass
class RunningApi:
    url: str
    service: Service


@contextmanager
def running_api(folder: Path) -> Iterator[RunningApi]:
    """`folder` becomes what bundling makes of `pages/`."""
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
    for inside, path in npm_files("api"):
        shutil.copy(path, folder / Path(inside).name)
    service = Service(pages=folder)
    app = gateway_app(lambda event: service.handler(event, Context(service.clock)), key=KEY, stage=STAGE)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), name="api")
    thread.start()
    try:
        yield RunningApi(f"http://127.0.0.1:{listening.getsockname()[1]}{STAGE}", service)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
