"""Definition → JSON, in one form: a value that stands alone without a list, a group's members in their order."""

import json
from collections.abc import Sequence
from typing import Any, assert_never

from kairan.audience.segments.dates import write_moment
from kairan.audience.segments.definition import (
    Count,
    Criterion,
    DateCriterion,
    Definition,
    Everyone,
    ExistsCriterion,
    FlagCriterion,
    FrozenPeople,
    Group,
    HasTag,
    InCampaign,
    InSegment,
    NumberCriterion,
    Sample,
    Share,
    TextCriterion,
    Unsupported,
)


def write(definition: Definition) -> dict[str, Any]:
    """`read(write(definition))` is the definition."""
    written: dict[str, Any] = {}
    if definition.id is not None:
        written["id"] = definition.id
    if definition.name is not None:
        written["name"] = definition.name
    if isinstance(definition.criterion, FrozenPeople):
        written["list"] = {"people": definition.criterion.people}
    else:
        written |= write_criterion(definition.criterion)
    if definition.sample is not None:
        written["sample"] = _sample(definition.sample)
    return written


def write_criterion(criterion: Criterion) -> dict[str, Any]:
    match criterion:
        case Group(join=join, members=members):
            return {str(join): [write_criterion(member) for member in members]}
        case Everyone():
            return {"everyone": True}
        case InSegment(segment=segment):
            return {"segment": segment}
        case HasTag(tag=tag):
            return {"tag": tag}
        case InCampaign():
            optional = {"run": criterion.run, "treatment": criterion.treatment, "step": criterion.step}
            chosen = {key: value for key, value in optional.items() if value is not None}
            return {"campaign": criterion.campaign, **chosen, "state": _alone([str(each) for each in criterion.states])}
        case TextCriterion(field=field, operator=operator, values=values, fold=fold):
            return {"field": field, str(operator): _alone(values), **({"fold": True} if fold else {})}
        case FlagCriterion(field=field, value=value):
            return {"field": field, "is": value}
        case ExistsCriterion(field=field, value=value):
            return {"field": field, "exists": value}
        case NumberCriterion(field=field, operator=operator, numbers=numbers):
            return {"field": field, str(operator): _alone(numbers)}
        case DateCriterion(field=field, operator=operator, moments=moments):
            return {"field": field, str(operator): _alone([write_moment(moment) for moment in moments])}
        case Unsupported(json=text):
            return {"unsupported": json.loads(text)}
        case _:
            assert_never(criterion)


def _sample(sample: Sample) -> dict[str, float]:
    match sample:
        case Share(percent=percent):
            return {"share": percent}
        case Count(people=people):
            return {"count": people}
        case _:
            assert_never(sample)


def _alone(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)
