"""cdk-nag's AwsSolutions rules, and how a construct says why one of them does not fit it."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, App, CfnElement, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct


def check(app: App) -> None:
    """A finding that nobody acknowledged stops the synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app, verbose=True))


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """`reasons` says for each rule (or finding, `AwsSolutions-IAM5[Resource::*]`) why it stays as it is."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=id, reason=reason) for id, reason in reasons.items()))


def wildcard(resource: IConstruct, path: str) -> str:
    """The finding about a policy that allows something on all that is at `path` below a resource's ARN."""
    element = resource.node.default_child
    assert isinstance(element, CfnElement)  # noqa: S101 - tells the type
    return f"AwsSolutions-IAM5[Resource::<{Stack.of(resource).get_logical_id(element)}.Arn>/{path}]"
