"""cdk-nag's AwsSolutions rules hold for every kind of deployment."""

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from infra import nag
from infra.settings import Settings
from infra.stack import KairanStack
from tests.infra.deployed import MINIMIZED, VARIANTS, WITHOUT_BUNDLING, deployed


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_finding_is_left_without_its_reason(variant: str) -> None:
    assert deployed(variant).template["Resources"]


def test_a_finding_that_nobody_acknowledged_stops_the_synthesis() -> None:
    app = App(context=WITHOUT_BUNDLING | MINIMIZED)
    stack = KairanStack(app, "kairan", settings=Settings.read({}))
    sns.Topic(stack, "Careless")
    nag.check(app)

    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        Template.from_stack(stack)


def test_an_acknowledged_finding_does_not() -> None:
    app = App()
    stack = Stack(app, "careful")
    topic = sns.Topic(stack, "Topic")
    nag.acknowledge(topic, {"AwsSolutions-SNS3": "A test of the rules themselves."})
    nag.check(app)

    assert Template.from_stack(stack).to_json()["Resources"]
