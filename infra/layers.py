"""The layers. Every function has `powertools` and `shared`; some have `dependencies`."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.assets import requirements_code, shared_code
from infra.bundling import Target


class Layers(Construct):
    """`dependencies` is large, and every cold start pays for it, so only the senders and the push API have it."""

    def __init__(self, scope: Construct, construct_id: str, *, target: Target) -> None:
        super().__init__(scope, construct_id)
        self.powertools = self._layer("Powertools", requirements_code("powertools", target), target)
        self.dependencies = self._layer("Dependencies", requirements_code("dependencies", target), target)
        self.shared = self._layer("Shared", shared_code(target), target)

    def _layer(self, construct_id: str, code: lambda_.Code, target: Target) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            construct_id,
            code=code,
            compatible_runtimes=[runtime_of(target)],
            compatible_architectures=[architecture_of(target)],
        )


def runtime_of(target: Target) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{target.python_version}", lambda_.RuntimeFamily.PYTHON)


def architecture_of(target: Target) -> lambda_.Architecture:
    return lambda_.Architecture.custom(target.architecture)
