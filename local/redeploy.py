"""Brings changed code into a running local cloud without a deployment, with the same bundles as `cdk deploy`.

It ignores changed settings, dependencies and resources. They need `make down` and `make up`.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cli.target import Target
from infra.bundling import bundle_function, bundle_shared
from kairan.contract import folder_of
from local.deployment import build_target
from local.functions import names, physical_name

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

SHARED_LAYER = "LayersShared"
"""The stack's name for the layer of `kairan`, which every function has. Versions follow after colons."""


def redeploy(target: Target) -> None:
    """Gives every function its present code and a new version of the layer of `kairan`."""
    client: LambdaClient = target.client("lambda")
    built_for = build_target()
    shared: str | None = None
    for name in names(target):
        function = physical_name(target, name)
        layers = [layer["Arn"] for layer in client.get_function_configuration(FunctionName=function).get("Layers", [])]
        if shared is None:
            (present,) = (layer for layer in layers if SHARED_LAYER in layer)
            code = zipped(lambda output: bundle_shared(output, built_for))
            shared = client.publish_layer_version(LayerName=_name(present), Content={"ZipFile": code})[
                "LayerVersionArn"
            ]
        client.update_function_code(FunctionName=function, ZipFile=_function_code(name))
        client.update_function_configuration(
            FunctionName=function, Layers=[shared if _name(layer) == _name(shared) else layer for layer in layers]
        )


def zipped(bundle: Callable[[Path], None]) -> bytes:
    """A bundle as a zip file, as Lambda takes it."""
    buffer = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        bundle(Path(folder))
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def _function_code(name: str) -> bytes:
    return zipped(lambda output: bundle_function(folder_of(name), output, build_target()))


def _name(layer_version: str) -> str:
    """`arn:aws:lambda:<region>:<account>:layer:<name>:<version>`."""
    return layer_version.split(":")[6]
