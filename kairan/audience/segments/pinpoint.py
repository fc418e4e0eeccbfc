"""Amazon Pinpoint's segments → ours.

Read are `SegmentResponse`, `WriteSegmentRequest` and CloudFormation's `AWS::Pinpoint::Segment` (API model
pinpoint/2016-12-01). What has no counterpart stays in its place as `{"unsupported": …}`, so that the segment cannot be
used until someone has decided about it; nothing is dropped, because a dropped criterion would reach more people.

- Groups, their dimensions and their source segments are joined as Pinpoint joins them. An empty list of dimensions or
  of source segments restricts nothing.
- Attributes and user attributes become attributes, and so do metrics. A person without the attribute is in an
  `EXCLUSIVE` dimension, here as there.
- Times stay instants. `ON` compares the date in UTC.
- Activity is what LINE told of a person: the time of the last event.
- The channel `CUSTOM` is LINE, so everyone here has it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kairan.audience.segments.dates import Day, Instant, read_absolute, write_moment
from kairan.audience.segments.definition import Definition
from kairan.audience.segments.fields import ATTRIBUTES
from kairan.audience.segments.reading import is_segment_id, read, read_criterion
from kairan.errors import InvalidInputError, Violation

RESOURCE = "AWS::Pinpoint::Segment"
JOINS = {"ALL": "all", "ANY": "any", "NONE": "none"}
COMPARISONS = {
    "EQUAL": "between",
    "GREATER_THAN": "more_than",
    "GREATER_THAN_OR_EQUAL": "at_least",
    "LESS_THAN": "less_than",
    "LESS_THAN_OR_EQUAL": "at_most",
}
TEXT_OPERATORS = {"INCLUSIVE": "is", "EXCLUSIVE": "is_not", "CONTAINS": "contains"}
DATE_OPERATORS = {"BEFORE": "before", "AFTER": "after"}
HOURS = {"HR_24": 24, "DAY_7": 7 * 24, "DAY_14": 14 * 24, "DAY_30": 30 * 24}
LINE_CHANNEL = "CUSTOM"

_EVERYONE = {"everyone": True}
_WITHOUT_MEANING = {"ApplicationId", "Arn", "CreationDate", "LastModifiedDate", "Version", "SegmentType"}
"""Of Pinpoint's own keeping. `SegmentType` is read beside `ImportDefinition`."""
_RECOGNISED_BY = {"Name", "Dimensions", "SegmentGroups", "SegmentType", "ImportDefinition"}

Json = Mapping[str, Any]
Written = dict[str, Any]


def segments_in(document: object) -> dict[str, Json]:
    """The segments of a document by their names there: one answer of the API, a list of them, or a template."""
    match document:
        case {"SegmentResponse": dict(segment)} | {"WriteSegmentRequest": dict(segment)}:
            return {"segment": segment}
        case {"SegmentsResponse": {"Item": list(items)}}:
            return {f"Item[{index}]": item for index, item in enumerate(items) if isinstance(item, Mapping)}
        case {"Resources": dict(resources)}:
            return {
                name: resource["Properties"]
                for name, resource in resources.items()
                if isinstance(resource, Mapping)
                and resource.get("Type") == RESOURCE
                and isinstance(resource.get("Properties"), Mapping)
            }
        case {"Type": "AWS::Pinpoint::Segment", "Properties": dict(segment)}:
            return {"segment": segment}
        case Mapping() if not _RECOGNISED_BY.isdisjoint(document):
            return {"segment": document}
    return {}


def from_pinpoint(document: object) -> tuple[Definition, tuple[Violation, ...]]:
    """The segment, and what was not carried over or was decided, by its path in Pinpoint's segment.

    Raises InvalidInputError for a document without a segment, for one with several, and for more criteria than a
    segment may have.
    """
    segments = segments_in(document)
    if not segments:
        raise InvalidInputError.at(
            "", f"holds no segment of Pinpoint (SegmentResponse, WriteSegmentRequest, {RESOURCE})"
        )
    if len(segments) > 1:
        raise InvalidInputError.at("", f"holds several segments: give one of {', '.join(segments)}")
    converter = _Converter()
    [segment] = segments.values()
    return read(converter.segment(segment)), tuple(converter.not_carried_over)


class _Converter:
    def __init__(self) -> None:
        self.not_carried_over: list[Violation] = []

    def segment(self, segment: Json) -> Written:
        beside: Written = {}
        parts: list[Written] = []
        for key, value in _present(segment):
            match key:
                case "Id" if is_segment_id(value):
                    beside["id"] = value
                case "Name" if isinstance(value, str) and 0 < len(value.strip()) <= 200:
                    beside["name"] = value
                case "Id" | "Name" | "tags" | "Tags":
                    self._note(key, "is left out")
                case "Dimensions":
                    parts.append(self._dimensions(value, key))
                case "SegmentGroups":
                    parts.append(self._groups(value, key))
                case "ImportDefinition":
                    parts.append(self._unsupported(key, {key: value}, "is a list: import its file as a list of people"))
                case _ if key not in _WITHOUT_MEANING:
                    parts.append(self._unsupported(key, {key: value}, "is not known"))
        if segment.get("SegmentType") == "IMPORT" and "ImportDefinition" not in segment:
            parts.append(self._unsupported("SegmentType", {"SegmentType": "IMPORT"}, "is a list without its file"))
        if not parts:
            self._note("", "asks for nothing, so it means everyone")
        return {**beside, **_joined("all", parts)}

    def _groups(self, groups: object, path: str) -> Written:
        if not isinstance(groups, Mapping) or not set(groups) <= {"Groups", "Include"}:
            return self._unsupported(path, {path: groups}, "is no list of groups")
        listed = groups.get("Groups") or []
        if not isinstance(listed, list):
            return self._unsupported(path, {path: groups}, "is no list of groups")
        members = [self._group(group, f"{path}.Groups[{index}]") for index, group in enumerate(listed)]
        return self._join(groups.get("Include"), members, f"{path}.Include", {path: groups})

    def _group(self, group: object, path: str) -> Written:
        whole = {"Groups": [group]}
        known = {"Dimensions", "SourceSegments", "SourceType", "Type"}
        if not isinstance(group, Mapping) or not set(group) <= known:
            return self._unsupported(path, whole, "has keys that are not known")
        sources, dimensions = group.get("SourceSegments") or [], group.get("Dimensions") or []
        if not isinstance(sources, list) or not isinstance(dimensions, list):
            return self._unsupported(path, whole, "has no list of dimensions or of source segments")
        source_members = [self._source(each, f"{path}.SourceSegments[{n}]") for n, each in enumerate(sources)]
        members = [self._dimensions(each, f"{path}.Dimensions[{n}]") for n, each in enumerate(dimensions)]
        restrictions = [
            self._join(group.get("SourceType"), source_members, f"{path}.SourceType", whole),
            self._join(group.get("Type"), members, f"{path}.Type", whole),
        ]
        return _joined("all", restrictions)

    def _join(self, how: object, members: list[Written], path: str, source: Json) -> Written:
        if how is None:
            if len(members) > 1:
                self._note(path, "is missing, and was taken as ALL")
            how = "ALL"
        if not isinstance(how, str) or how not in JOINS:
            return self._unsupported(path, source, "is not known")
        if not members:
            return _EVERYONE
        return _joined(JOINS[how], members)

    def _source(self, source: object, path: str) -> Written:
        if (
            not isinstance(source, Mapping)
            or not is_segment_id(source.get("Id"))
            or not set(source) <= {"Id", "Version"}
        ):
            return self._unsupported(path, {"SourceSegments": [source]}, "is no plain id of a segment")
        if source.get("Version") is not None:
            self._note(f"{path}.Version", "is left out: a segment that is named is asked in its newest version")
        return {"segment": source["Id"]}

    # dimensions

    def _dimensions(self, dimensions: object, path: str) -> Written:
        """All criteria of one object are required."""
        if not isinstance(dimensions, Mapping):
            return self._unsupported(path, {"Dimensions": dimensions}, "is no object")
        criteria: list[Written] = []
        for kind, several in _present(dimensions):
            if not isinstance(several, Mapping):
                criteria.append(self._unsupported(f"{path}.{kind}", {kind: several}, "is no object"))
                continue
            for name, dimension in _present(several):
                criteria.append(self._dimension(kind, name, dimension, f"{path}.{kind}.{name}"))
        return _joined("all", criteria)

    def _dimension(self, kind: str, name: str, dimension: Any, path: str) -> Written:
        convert: Callable[[str, Json, str], Written] | None = {
            "Attributes": self._attribute,
            "UserAttributes": self._attribute,
            "Metrics": self._metric,
            "Behavior": self._recency if name == "Recency" else None,
            "Demographic": self._channel if name == "Channel" else None,
        }.get(kind)
        source = {kind: {name: dimension}}
        if convert is None:
            return self._unsupported(path, source, "has no counterpart")
        if not isinstance(dimension, Mapping):
            return self._unsupported(path, source, "is no object")
        try:
            criterion = convert(name, dimension, path)
            read_criterion(criterion)
        except InvalidInputError as error:
            return self._unsupported(path, source, error.violations[0].message)
        return criterion

    def _attribute(self, name: str, dimension: Json, path: str) -> Written:
        how, values = self._type_and_values(dimension, "AttributeType", path)
        field = f"{ATTRIBUTES}{name}"
        if how in TEXT_OPERATORS:
            return {"field": field, TEXT_OPERATORS[how]: values[0] if len(values) == 1 else [*values]}
        if how in DATE_OPERATORS and len(values) == 1:
            return {"field": field, DATE_OPERATORS[how]: _instant(values[0])}
        if how == "BETWEEN" and len(values) == 2:
            return {"field": field, "between": [_instant(value) for value in values]}
        if how == "ON" and len(values) == 1:
            return {"field": field, "between": _day_in_utc(values[0])}
        raise InvalidInputError.at(path, f"{how} with {len(values)} values is not known")

    def _metric(self, name: str, dimension: Json, path: str) -> Written:
        how, value = dimension.get("ComparisonOperator"), dimension.get("Value")
        if not isinstance(how, str) or how not in COMPARISONS or len(dimension) > 2:
            raise InvalidInputError.at(path, "has an operator that is not known")
        return {"field": f"{ATTRIBUTES}{name}", COMPARISONS[how]: [value, value] if how == "EQUAL" else value}

    def _recency(self, _: str, dimension: Json, path: str) -> Written:
        duration, how = dimension.get("Duration"), dimension.get("RecencyType")
        if not isinstance(duration, str) or duration not in HOURS or len(dimension) > 2:
            raise InvalidInputError.at(path, "has a duration that is not known")
        active = {"field": "last_event_at", "after": f"-{HOURS[duration]}h"}
        if how == "ACTIVE":
            return active
        if how == "INACTIVE":
            return {"none": [active]}
        raise InvalidInputError.at(path, "has a type that is not known")

    def _channel(self, _: str, dimension: Json, path: str) -> Written:
        """Everyone has the channel: a dimension that includes it restricts nothing, any other leaves out everyone."""
        how, values = self._type_and_values(dimension, "DimensionType", path)
        if how not in ("INCLUSIVE", "EXCLUSIVE") or not values:
            raise InvalidInputError.at(path, f"{how} with {len(values)} values is not known")
        if (LINE_CHANNEL in values) is not (how == "INCLUSIVE"):
            raise InvalidInputError.at(path, "leaves out LINE, whose channel is CUSTOM")
        return _EVERYONE

    def _type_and_values(self, dimension: Json, key: str, path: str) -> tuple[str, Sequence[str]]:
        how, values = dimension.get(key), dimension.get("Values")
        is_texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
        if not isinstance(how, str | None) or not is_texts or not set(dimension) <= {key, "Values"}:
            raise InvalidInputError.at(path, "has no plain type and list of texts")
        if how is None:
            self._note(f"{path}.{key}", "is missing, and was taken as INCLUSIVE")
        return how or "INCLUSIVE", values or []

    def _unsupported(self, path: str, source: Json, message: str) -> Written:
        self._note(path, message)
        return {"unsupported": {**source}}

    def _note(self, path: str, message: str) -> None:
        self.not_carried_over.append(Violation(path, message))


def _joined(join: str, members: list[Written]) -> Written:
    """No group around a single member. All of no members is everyone, who restricts nothing among others."""
    if join == "all":
        members = [member for member in members if member != _EVERYONE]
    if not members:
        return _EVERYONE
    return members[0] if len(members) == 1 and join != "none" else {join: members}


def _present(several: Json) -> list[tuple[str, Any]]:
    """Programs write what is not set as null."""
    return [(key, value) for key, value in several.items() if value is not None]


def _instant(text: str) -> str:
    moment = read_absolute(text)
    if not isinstance(moment, Instant):
        raise InvalidInputError.at("", "has a value that is no instant, such as 2026-11-01T00:00:00Z")
    return write_moment(moment)


def _day_in_utc(text: str) -> list[str]:
    moment = read_absolute(text)
    if not isinstance(moment, Day | Instant):
        raise InvalidInputError.at("", "has a value that is no date")
    day = moment.date if isinstance(moment, Day) else moment.at.astimezone(UTC).date()
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = begin.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return [write_moment(Instant(begin)), write_moment(Instant(end))]
