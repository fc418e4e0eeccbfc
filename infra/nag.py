"""cdk-nag's AwsSolutions rules, and the way for a construct to say why one does not fit it."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, App, CfnElement, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct


def check(app: App) -> None:
    """A finding without an acknowledgement stops the synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app, verbose=True))


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """`reasons` has for each rule (or finding, such as `AwsSolutions-IAM5[Resource::*]`) why the construct is right."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=id, reason=reason) for id, reason in reasons.items()))


def wildcard(resource: IConstruct, path: str) -> str:
    """The finding about a policy for everything under `path` below a resource's ARN."""
    element = resource.node.default_child
    assert isinstance(element, CfnElement)  # noqa: S101 - tells the type
    return f"AwsSolutions-IAM5[Resource::<{Stack.of(resource).get_logical_id(element)}.Arn>/{path}]"
