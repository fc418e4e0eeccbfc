"""Bundled folders as CDK assets.

An App with the context `{"aws:cdk:bundling-stacks": []}` skips the bundling: the tests of the template use that.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.bundling import (
    FUNCTIONS,
    LAYERS,
    SHARED,
    Target,
    bundle_function,
    bundle_requirements,
    bundle_shared,
    function_files,
    requirements_files,
    shared_files,
)

Bundle = Callable[[Path], None]


def function_code(name: str, target: Target) -> lambda_.Code:
    return _code(FUNCTIONS / name, target, function_files(name), lambda output: bundle_function(name, output, target))


def shared_code(target: Target) -> lambda_.Code:
    return _code(SHARED, target, shared_files(), lambda output: bundle_shared(output, target))


def requirements_code(layer: str, target: Target) -> lambda_.Code:
    return _code(
        LAYERS / layer,
        target,
        requirements_files(layer, target),
        lambda output: bundle_requirements(layer, output, target),
    )


def _code(source: Path, target: Target, files: Iterable[tuple[str, bytes]], bundle: Bundle) -> lambda_.Code:
    """The hash covers the input, so CDK finds an unchanged asset in `cdk.out` and does not bundle again."""
    return lambda_.Code.from_asset(
        str(source),
        asset_hash=target.fingerprint(files),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(image=DockerImage.from_registry("none"), local=_LocalBundling(bundle)),
    )


@jsii.implements(ILocalBundling)
class _LocalBundling:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        """Raises when bundling fails. (After False, CDK would look for Docker.)"""
        self._bundle(Path(output_dir))
        return True
