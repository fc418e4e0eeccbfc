"""What becomes of Amazon Pinpoint's segments. Inputs are checked against the API's own model, which botocore has."""

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from kairan.audience.segments import pinpoint
from kairan.audience.segments.pinpoint import from_pinpoint, segments_in
from kairan.audience.segments.reading import read
from kairan.audience.segments.writing import write
from kairan.errors import InvalidInputError
from tests.rigs.segments import naive, person

MODEL: ServiceModel = botocore.session.get_session().get_service_model("pinpoint")
CITY = {"AttributeType": "INCLUSIVE", "Values": ["Kyoto"]}
SOURCE = "0123456789abcdef0123456789abcdef"


def checked(shape: str, document: dict[str, Any]) -> dict[str, Any]:
    """`document`, which the API would take or answer."""
    report = ParamValidator().validate(document, MODEL.shape_for(shape))
    assert not report.has_errors(), report.generate_report()
    return document


def enum(shape: str) -> set[str]:
    return set(MODEL.shape_for(shape).enum)  # type: ignore[attr-defined]


def members(shape: str) -> set[str]:
    return set(MODEL.shape_for(shape).members)  # type: ignore[attr-defined]


def converted(segment: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    definition, notes = from_pinpoint(checked("WriteSegmentRequest", segment))
    return write(definition), [(note.path, note.message) for note in notes]


def of_dimensions(**dimensions: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    return converted({"Dimensions": dimensions})


def unsupported(**dimensions: Any) -> list[str]:
    """The paths of what stays in its place, and is named."""
    written, notes = of_dimensions(**dimensions)
    assert written == {"unsupported": dimensions}
    return [path for path, _ in notes]


# every operator of the model


ATTRIBUTE_TYPES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "INCLUSIVE": (["Kyoto", "京都"], {"is": ["Kyoto", "京都"]}),
    "EXCLUSIVE": (["Kyoto"], {"is_not": "Kyoto"}),
    "CONTAINS": (["Kyo", "京"], {"contains": ["Kyo", "京"]}),
    "BEFORE": (["2026-11-01T00:00:00Z"], {"before": "2026-11-01T00:00:00Z"}),
    "AFTER": (["2026-11-01T09:00:00.000Z"], {"after": "2026-11-01T09:00:00Z"}),
    "ON": (["2026-11-01T09:00:00Z"], {"between": ["2026-11-01T00:00:00Z", "2026-11-01T23:59:59.999999Z"]}),
    "BETWEEN": (
        ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"],
        {"between": ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"]},
    ),
}
COMPARISONS: dict[str, dict[str, Any]] = {
    "EQUAL": {"between": [1.5, 1.5]},
    "GREATER_THAN": {"more_than": 1.5},
    "LESS_THAN": {"less_than": 1.5},
    "GREATER_THAN_OR_EQUAL": {"at_least": 1.5},
    "LESS_THAN_OR_EQUAL": {"at_most": 1.5},
}
HOURS = {"HR_24": "-24h", "DAY_7": "-168h", "DAY_14": "-336h", "DAY_30": "-720h"}
NO_COUNTERPART = {
    "Demographic": {"AppVersion", "DeviceType", "Make", "Model", "Platform"},
    "Location": {"Country", "GPSPoint"},
}


def test_the_tables_of_these_tests_have_everything_that_the_model_has() -> None:
    assert set(ATTRIBUTE_TYPES) == enum("AttributeType")
    assert set(HOURS) == enum("Duration")
    assert set(pinpoint.JOINS) == enum("Include") == enum("Type") == enum("SourceType")
    assert enum("DimensionType") == {"INCLUSIVE", "EXCLUSIVE"}
    assert enum("RecencyType") == {"ACTIVE", "INACTIVE"}
    assert enum("SegmentType") == {"DIMENSIONAL", "IMPORT"}
    metric = MODEL.shape_for("MetricDimension").members["ComparisonOperator"]  # type: ignore[attr-defined]
    assert all(name in metric.documentation for name in COMPARISONS)
    assert set(COMPARISONS) == set(pinpoint.COMPARISONS)


def test_the_kinds_of_dimensions_are_those_of_the_model() -> None:
    kinds = {"Attributes", "UserAttributes", "Metrics", "Behavior", "Demographic", "Location"}

    assert members("SegmentDimensions") == kinds
    assert members("SegmentDemographics") == NO_COUNTERPART["Demographic"] | {"Channel"}
    assert members("SegmentLocation") == NO_COUNTERPART["Location"]
    assert members("SegmentBehaviors") == {"Recency"}
    assert members("SegmentGroup") == {"Dimensions", "SourceSegments", "SourceType", "Type"}
    assert members("SegmentReference") == {"Id", "Version"}


@pytest.mark.parametrize("kind", ["Attributes", "UserAttributes"])
@pytest.mark.parametrize("how", sorted(enum("AttributeType")))
def test_every_type_of_an_attribute_is_carried_over(kind: str, how: str) -> None:
    values, expected = ATTRIBUTE_TYPES[how]

    written, notes = of_dimensions(**{kind: {"city": {"AttributeType": how, "Values": values}}})

    assert written == {"field": "attributes.city", **expected}
    assert notes == []


@pytest.mark.parametrize("how", COMPARISONS)
def test_every_comparison_of_a_metric_is_carried_over(how: str) -> None:
    written, notes = of_dimensions(Metrics={"visits": {"ComparisonOperator": how, "Value": 1.5}})

    assert written == {"field": "attributes.visits", **COMPARISONS[how]}
    assert notes == []


@pytest.mark.parametrize("duration", sorted(enum("Duration")))
def test_activity_is_the_time_of_the_last_event(duration: str) -> None:
    active, _ = of_dimensions(Behavior={"Recency": {"Duration": duration, "RecencyType": "ACTIVE"}})
    inactive, _ = of_dimensions(Behavior={"Recency": {"Duration": duration, "RecencyType": "INACTIVE"}})

    assert active == {"field": "last_event_at", "after": HOURS[duration]}
    assert inactive == {"none": [active]}


def test_a_person_who_never_did_anything_is_inactive() -> None:
    inactive, _ = of_dimensions(Behavior={"Recency": {"Duration": "DAY_7", "RecencyType": "INACTIVE"}})

    assert naive(inactive, person())


@pytest.mark.parametrize("name", sorted(NO_COUNTERPART["Demographic"]))
@pytest.mark.parametrize("how", sorted(enum("DimensionType")))
def test_demographic_dimensions_stay_in_their_place(name: str, how: str) -> None:
    paths = unsupported(Demographic={name: {"DimensionType": how, "Values": ["x"]}})

    assert paths == [f"Dimensions.Demographic.{name}"]


def test_places_stay_in_their_place() -> None:
    point = {"Coordinates": {"Latitude": 35.0, "Longitude": 135.75}, "RangeInKilometers": 10.0}

    assert unsupported(Location={"GPSPoint": point}) == ["Dimensions.Location.GPSPoint"]
    assert unsupported(Location={"Country": {"DimensionType": "INCLUSIVE", "Values": ["JP"]}}) == [
        "Dimensions.Location.Country"
    ]


@pytest.mark.parametrize(
    ("how", "values", "carried_over"),
    [
        ("INCLUSIVE", ["CUSTOM"], True),
        ("INCLUSIVE", ["EMAIL", "CUSTOM"], True),
        ("EXCLUSIVE", ["EMAIL"], True),
        ("INCLUSIVE", ["EMAIL"], False),
        ("EXCLUSIVE", ["EMAIL", "CUSTOM"], False),
        ("INCLUSIVE", [], False),
    ],
)
def test_the_channel_is_carried_over_if_it_means_line(how: str, values: list[str], carried_over: bool) -> None:
    demographic = {"Channel": {"DimensionType": how, "Values": values}}

    written, notes = of_dimensions(Demographic=demographic)

    expected: dict[str, Any] = {"everyone": True} if carried_over else {"unsupported": {"Demographic": demographic}}
    assert written == expected
    assert [path for path, _ in notes] == ([] if carried_over else ["Dimensions.Demographic.Channel"])


# values that our segments cannot have


@pytest.mark.parametrize(
    ("name", "dimension"),
    [
        ("city", {"AttributeType": "INCLUSIVE", "Values": []}),
        ("city", {"AttributeType": "INCLUSIVE", "Values": [""]}),
        ("city", {"AttributeType": "CONTAINS", "Values": ["Kyoto", " "]}),
        ("city", {"AttributeType": "LIKE", "Values": ["Kyoto"]}),
        ("home.city", CITY),
        ("x" * 51, CITY),
        ("day", {"AttributeType": "BEFORE", "Values": ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"]}),
        ("day", {"AttributeType": "BEFORE", "Values": ["2026-11-01"]}),
        ("day", {"AttributeType": "AFTER", "Values": ["yesterday"]}),
        ("day", {"AttributeType": "ON", "Values": ["soon"]}),
        ("day", {"AttributeType": "BETWEEN", "Values": ["2026-11-01T00:00:00Z"]}),
    ],
)
def test_an_attribute_that_cannot_be_carried_over_stays_in_its_place(name: str, dimension: dict[str, Any]) -> None:
    assert unsupported(Attributes={name: dimension}) == [f"Dimensions.Attributes.{name}"]


@pytest.mark.parametrize(
    "dimensions",
    [
        {"Metrics": {"visits": {"ComparisonOperator": "NOT_EQUAL", "Value": 1.0}}},
        {"Behavior": {"Recency": {"Duration": "DAY_90", "RecencyType": "ACTIVE"}}},
        {"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "DORMANT"}}},
    ],
)
def test_an_operator_of_a_later_pinpoint_stays_in_its_place(dimensions: dict[str, Any]) -> None:
    assert len(unsupported(**dimensions)) == 1


@pytest.mark.parametrize(
    "dimensions",
    [
        {"Engagement": {"Opened": {"Values": ["x"]}}},
        {"Attributes": {"city": {**CITY, "Case": "FOLD"}}},
        {"Attributes": {"city": {}}},
        {"Attributes": {"city": "Kyoto"}},
        {"Attributes": {"Fn::If": ["IsShop", {}, {}]}},
        {"Attributes": ["city"]},
        {"Metrics": {"visits": {"ComparisonOperator": "EQUAL", "Value": "1"}}},
        {"Metrics": {"visits": {"ComparisonOperator": "EQUAL", "Value": 1, "Unit": "a week"}}},
        {"Fn::If": ["IsShop", {}, {}]},
    ],
)
def test_what_the_model_does_not_have_stays_in_its_place(dimensions: dict[str, Any]) -> None:
    definition, notes = from_pinpoint({"Name": "?", "Dimensions": dimensions})

    assert write(definition) == {"name": "?", "unsupported": dimensions}
    assert len(notes) == 1


def test_a_type_that_is_missing_is_taken_as_inclusive_and_named() -> None:
    written, notes = of_dimensions(Attributes={"city": {"Values": ["Kyoto"]}})

    assert written == {"field": "attributes.city", "is": "Kyoto"}
    assert notes == [("Dimensions.Attributes.city.AttributeType", "is missing, and was taken as INCLUSIVE")]


# groups


def test_all_criteria_of_one_object_are_required() -> None:
    written, _ = of_dimensions(
        Attributes={"city": CITY, "size": {"AttributeType": "EXCLUSIVE", "Values": ["L"]}},
        Metrics={"visits": {"ComparisonOperator": "GREATER_THAN", "Value": 2.0}},
        Demographic={"Channel": {"DimensionType": "INCLUSIVE", "Values": ["CUSTOM"]}},
    )

    assert written == {
        "all": [
            {"field": "attributes.city", "is": "Kyoto"},
            {"field": "attributes.size", "is_not": "L"},
            {"field": "attributes.visits", "more_than": 2},
        ]
    }


def test_groups_sources_and_dimensions_are_joined_as_pinpoint_joins_them() -> None:
    visits = {"ComparisonOperator": "GREATER_THAN_OR_EQUAL", "Value": 3.0}
    written, notes = converted(
        {
            "Name": "Kyoto regulars who were not asked",
            "SegmentGroups": {
                "Include": "ALL",
                "Groups": [
                    {
                        "Type": "ALL",
                        "SourceType": "ANY",
                        "SourceSegments": [{"Id": SOURCE, "Version": 2}, {"Id": "b"}],
                        "Dimensions": [{"UserAttributes": {"city": CITY}, "Metrics": {"visits": visits}}],
                    },
                    {
                        "Type": "NONE",
                        "SourceType": "NONE",
                        "SourceSegments": [{"Id": "c"}],
                        "Dimensions": [
                            {"Attributes": {"asked": {"AttributeType": "INCLUSIVE", "Values": ["yes"]}}},
                            {"Location": {"Country": {"DimensionType": "INCLUSIVE", "Values": ["JP"]}}},
                        ],
                    },
                ],
            },
        }
    )

    kyoto = {"all": [{"field": "attributes.city", "is": "Kyoto"}, {"field": "attributes.visits", "at_least": 3}]}
    japan = {"unsupported": {"Location": {"Country": {"DimensionType": "INCLUSIVE", "Values": ["JP"]}}}}
    assert written == {
        "name": "Kyoto regulars who were not asked",
        "all": [
            {"all": [{"any": [{"segment": SOURCE}, {"segment": "b"}]}, kyoto]},
            {"all": [{"none": [{"segment": "c"}]}, {"none": [{"field": "attributes.asked", "is": "yes"}, japan]}]},
        ],
    }
    assert [path for path, _ in notes] == [
        "SegmentGroups.Groups[0].SourceSegments[0].Version",
        "SegmentGroups.Groups[1].Dimensions[1].Location.Country",
    ]


@pytest.mark.parametrize("include", sorted(enum("Include")))
@pytest.mark.parametrize("how", sorted(enum("Type")))
def test_every_way_to_join_means_what_it_meant(include: str, how: str) -> None:
    """Against Pinpoint's own rules, for people who have any of two attributes."""
    size = {"AttributeType": "INCLUSIVE", "Values": ["L"]}
    group = {"Type": how, "Dimensions": [{"Attributes": {"city": CITY}}, {"Attributes": {"size": size}}]}
    other = {"Type": "ALL", "Dimensions": [{"Attributes": {"size": size}}]}
    joins: dict[str, Callable[[list[bool]], bool]] = {"ALL": all, "ANY": any, "NONE": lambda each: not any(each)}

    written, _ = converted({"SegmentGroups": {"Include": include, "Groups": [group, other]}})

    for attributes in ({}, {"city": "Kyoto"}, {"size": "L"}, {"city": "Kyoto", "size": "L"}):
        matched = ["city" in attributes, "size" in attributes]
        expected = joins[include]([joins[how](matched), matched[1]])
        assert naive(written, person(attributes=attributes)) is expected


def test_older_dimensions_and_groups_are_both_required() -> None:
    size = {"AttributeType": "INCLUSIVE", "Values": ["L"]}
    written, _ = converted(
        {
            "Dimensions": {"Attributes": {"city": CITY}},
            "SegmentGroups": {"Groups": [{"Type": "ANY", "Dimensions": [{"Attributes": {"size": size}}]}]},
        }
    )

    assert written == {"all": [{"field": "attributes.city", "is": "Kyoto"}, {"field": "attributes.size", "is": "L"}]}


@pytest.mark.parametrize(
    "segment",
    [
        {"Dimensions": {}},
        {"Dimensions": {"Attributes": {}, "Demographic": {}}},
        {"SegmentGroups": {}},
        {"SegmentGroups": {"Groups": [], "Include": "ALL"}},
        {"SegmentGroups": {"Groups": [{"Type": "ALL", "Dimensions": [], "SourceSegments": []}]}},
        {"SegmentGroups": {"Groups": [{"Type": "ANY", "Dimensions": [{"Attributes": {"city": CITY}}, {}]}]}},
    ],
)
def test_an_empty_list_restricts_nothing(segment: dict[str, Any]) -> None:
    written, _ = converted(segment)

    assert naive(written, person())


def test_a_segment_that_asks_for_nothing_is_everyone_and_says_so() -> None:
    written, notes = converted({"Name": "All"})

    assert written == {"name": "All", "everyone": True}
    assert notes == [("", "asks for nothing, so it means everyone")]


@pytest.mark.parametrize(("key", "path"), [("Type", "Groups[0].Type"), ("Include", "Include")])
def test_a_join_that_is_missing_is_taken_as_all_and_named(key: str, path: str) -> None:
    dimensions = [{"Attributes": {"city": CITY}}, {"Attributes": {"size": CITY}}]
    group = {"Type": "ALL", "Dimensions": dimensions}
    groups = {"Include": "ANY", "Groups": [group, group]}
    (group if key == "Type" else groups).pop(key)

    written, notes = converted({"SegmentGroups": groups})

    assert ("all" if key == "Include" else "any") in written
    assert (f"SegmentGroups.{path}", "is missing, and was taken as ALL") in notes


@pytest.mark.parametrize(
    "groups",
    [
        {"Include": "SOME", "Groups": [{"Type": "ALL", "Dimensions": []}]},
        {"Include": {"Ref": "How"}, "Groups": []},
        {"Include": "ALL", "Groups": {"Ref": "Groups"}},
        {"Include": "ALL", "Groups": [], "Except": []},
        {"Ref": "Groups"},
        [],
    ],
)
def test_groups_that_the_model_does_not_have_stay_in_their_place(groups: Any) -> None:
    definition, notes = from_pinpoint({"SegmentGroups": groups})

    assert write(definition) == {"unsupported": {"SegmentGroups": groups}}
    assert len(notes) == 1


@pytest.mark.parametrize(
    "group",
    [
        {"Type": "SOME", "Dimensions": [{"Attributes": {"city": CITY}}]},
        {"Type": "ALL", "Dimensions": {"Attributes": {"city": CITY}}},
        {"Type": "ALL", "Dimensions": [], "Events": ["x"]},
        {"SourceType": "SOME", "SourceSegments": [{"Id": "a"}]},
        {"SourceSegments": [{"Id": {"Ref": "Other"}}]},
        {"SourceSegments": [{"Id": "UPPER"}]},
        {"SourceSegments": ["a"]},
        {"Dimensions": ["city"]},
        "city",
    ],
)
def test_a_group_that_the_model_does_not_have_keeps_the_segment_from_being_used(group: Any) -> None:
    definition, notes = from_pinpoint({"SegmentGroups": {"Include": "ALL", "Groups": [group]}})

    assert "unsupported" in write(definition)
    assert len(notes) == 1


# documents


RESPONSE = {
    "ApplicationId": "app",
    "Arn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/app/segments/a",
    "CreationDate": "2024-01-01T00:00:00.000Z",
    "LastModifiedDate": "2024-01-02T00:00:00.000Z",
    "Id": SOURCE,
    "Version": 3,
    "Name": "Kyoto",
    "SegmentType": "DIMENSIONAL",
    "SegmentGroups": {
        "Include": "ALL",
        "Groups": [
            {"Type": "ANY", "SourceType": "ANY", "SourceSegments": [], "Dimensions": [{"Attributes": {"city": CITY}}]}
        ],
    },
}
KYOTO = {"name": "Kyoto", "field": "attributes.city", "is": "Kyoto"}
PROPERTIES = {
    "ApplicationId": {"Ref": "App"},
    "Name": "Kyoto",
    "Dimensions": {"UserAttributes": {"city": CITY}},
}


def test_an_answer_of_the_api_keeps_its_id_so_that_other_segments_find_it() -> None:
    definition, notes = from_pinpoint(checked("SegmentResponse", RESPONSE))

    assert write(definition) == {"id": SOURCE, **KYOTO}
    assert notes == ()


@pytest.mark.parametrize(
    "document",
    [
        {"SegmentResponse": {**RESPONSE, "Id": None}},
        {"WriteSegmentRequest": {"Name": "Kyoto", "Dimensions": {"Attributes": {"city": CITY}}}},
        {"SegmentsResponse": {"Item": [{**RESPONSE, "Id": None}]}},
        {"Type": "AWS::Pinpoint::Segment", "Properties": PROPERTIES},
        {"Resources": {"Kyoto": {"Type": "AWS::Pinpoint::Segment", "Properties": PROPERTIES}, "App": {"Type": "X"}}},
        PROPERTIES,
    ],
)
def test_a_segment_is_found_in_what_people_have(document: dict[str, Any]) -> None:
    definition, _ = from_pinpoint(document)

    assert write(definition) == KYOTO


def test_of_several_segments_one_has_to_be_given() -> None:
    resource = {"Type": "AWS::Pinpoint::Segment", "Properties": PROPERTIES}
    template = {"Resources": {"Kyoto": resource, "Osaka": resource}}

    with pytest.raises(InvalidInputError, match="give one of Kyoto, Osaka"):
        from_pinpoint(template)
    assert list(segments_in(template)) == ["Kyoto", "Osaka"]


@pytest.mark.parametrize("document", [{}, [], "Kyoto", None, {"all": [KYOTO]}, {"Resources": {}}])
def test_what_holds_no_segment_is_refused(document: Any) -> None:
    with pytest.raises(InvalidInputError, match="holds no segment"):
        from_pinpoint(document)


def test_an_imported_list_stays_in_its_place() -> None:
    file = {"ExternalId": "", "Format": "CSV", "RoleArn": "arn", "S3Url": "s3://shop/kyoto.csv", "Size": 12}
    response = {**RESPONSE, "SegmentType": "IMPORT", "ImportDefinition": file, "SegmentGroups": {}}

    definition, notes = from_pinpoint(checked("SegmentResponse", response))

    assert write(definition) == {"id": SOURCE, "name": "Kyoto", "unsupported": {"ImportDefinition": file}}
    assert [path for path, _ in notes] == ["ImportDefinition"]


def test_an_imported_list_without_its_file_is_not_everyone() -> None:
    definition, _ = from_pinpoint({"Name": "Kyoto", "SegmentType": "IMPORT"})

    assert write(definition) == {"name": "Kyoto", "unsupported": {"SegmentType": "IMPORT"}}


def test_a_key_that_is_not_known_keeps_the_segment_from_being_used() -> None:
    definition, notes = from_pinpoint({**PROPERTIES, "Exclusions": ["x"]})

    assert {"unsupported": {"Exclusions": ["x"]}} in write(definition)["all"]
    assert notes == (("Exclusions", "is not known"),)


def test_tags_of_the_resource_and_names_that_are_no_texts_are_left_out_and_named() -> None:
    definition, notes = from_pinpoint({**PROPERTIES, "Name": {"Ref": "Name"}, "Tags": {"team": "crm"}})

    assert write(definition) == {key: value for key, value in KYOTO.items() if key != "name"}
    assert [path for path, _ in notes] == ["Name", "Tags"]


def test_what_is_converted_can_be_read_again() -> None:
    definition, _ = from_pinpoint(RESPONSE)

    assert read(write(definition)) == definition


def test_more_criteria_than_a_segment_may_have_are_refused() -> None:
    attributes = {f"a{number}": CITY for number in range(101)}

    with pytest.raises(InvalidInputError, match="101 criteria"):
        from_pinpoint(checked("WriteSegmentRequest", {"Dimensions": {"Attributes": attributes}}))
