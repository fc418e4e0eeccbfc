"""Which instants a day or a time covers, and what an attribute's text means as a date."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kairan.audience.segments.dates import Day, Instant, LocalTime, read_absolute, read_moment, span_of, write_moment
from tests.rigs.segments import NOW, TOKYO

NEW_YEAR = datetime(2026, 1, 1, 9)  # noqa: DTZ001


def span(text: str, zone: str = "Asia/Tokyo", now: datetime = NOW) -> tuple[str, str]:
    moment = read_moment(text)
    assert moment is not None
    start, end = span_of(moment, now=now, zone=ZoneInfo(zone))
    return start.isoformat(), end.isoformat()


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2026-11-01", "Asia/Tokyo", "2026-10-31T15:00", "2026-11-01T15:00"),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00", "2026-11-02T05:00"),  # 25 hours
        ("2026-03-08", "America/New_York", "2026-03-08T05:00", "2026-03-09T04:00"),  # 23 hours
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00", "2026-09-07T03:00"),  # begins at one o'clock
        ("2026-03-29", "Asia/Beirut", "2026-03-28T22:00", "2026-03-29T21:00"),  # begins at one o'clock
        ("2026-11-01", "America/Havana", "2026-11-01T04:00", "2026-11-02T05:00"),  # has midnight twice
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),  # a day that never was
        ("today", "Asia/Tokyo", "2026-11-20T15:00", "2026-11-21T15:00"),
        ("today", "America/New_York", "2026-11-20T05:00", "2026-11-21T05:00"),  # where it is still the day before
        ("-30d", "Asia/Tokyo", "2026-10-21T15:00", "2026-10-22T15:00"),
        ("-30d", "America/New_York", "2026-10-21T04:00", "2026-10-22T04:00"),  # in summer time, unlike today
        ("+7d", "Asia/Tokyo", "2026-11-27T15:00", "2026-11-28T15:00"),
    ],
)
def test_a_day_covers_what_it_covers_in_its_zone(text: str, zone: str, start: str, end: str) -> None:
    assert span(text, zone) == (f"{start}:00+00:00", f"{end}:00+00:00")


@pytest.mark.parametrize(
    ("text", "zone", "start"),
    [
        ("2026-11-01T09:00:00+09:00", "America/New_York", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T09:00", "Asia/Tokyo", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00+00:00"),  # exists twice: the first
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:00:00+00:00"),  # does not exist: the next that does
        ("-24h", "Asia/Tokyo", "2026-11-20T03:30:00+00:00"),
    ],
)
def test_a_time_is_one_instant(text: str, zone: str, start: str) -> None:
    assert span(text, zone)[0] == start


def test_hours_are_counted_as_they_pass_also_over_a_change_of_clocks() -> None:
    after_the_change = datetime(2026, 11, 1, 12, tzinfo=UTC)

    assert span("-24h", "America/New_York", after_the_change)[0] == "2026-10-31T12:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    ["2026-12-01", "2026/12/1", "20261201", "2026/12/01", "２０２６／１２／１", " 2026-12-01 "],
)
def test_an_attribute_may_write_a_day_in_many_ways(text: str) -> None:
    assert read_absolute(text) == Day(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T09:00", LocalTime(NEW_YEAR)),
        ("2026-01-01 9:00:00", LocalTime(NEW_YEAR)),
        ("2026/1/1 09:00", LocalTime(NEW_YEAR)),
        ("2026-01-01T09:00:00Z", Instant(NEW_YEAR.replace(tzinfo=UTC))),
        ("2026-01-01T18:00:00.000+09:00", Instant(NEW_YEAR.replace(tzinfo=UTC))),
        ("2026-01-01 18:00+0900", Instant(NEW_YEAR.replace(tzinfo=UTC))),
        ("2026-01-01T04:00:00 -0500", Instant(NEW_YEAR.replace(tzinfo=UTC))),
    ],
)
def test_an_attribute_may_write_a_time_in_many_ways(text: str, moment: LocalTime | Instant) -> None:
    assert read_absolute(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12-01",
        "2026-12",
        "2026-13-01",
        "2026-02-29",
        "2026-12/01",
        "2026-12-01T25:00",
        "2026-12-01T09:00+09:75",
        "2026-12-01T09:00+25:00",
        "0001-01-01",
        "9999-12-31",
        "1764547200",
        "today",
        "-7d",
        "2026-12-01 and later",
        "٢٠٢٦-12-01",
    ],
)
def test_everything_else_is_no_date_of_an_attribute(text: str) -> None:
    assert read_absolute(text) is None


@pytest.mark.parametrize("text", ["today", "-30d", "+7d", "-24h", "2026-11-01", "2026-11-01T09:00:00Z"])
def test_a_moment_is_written_as_it_was_read(text: str) -> None:
    moment = read_moment(text)

    assert moment is not None
    assert write_moment(moment) == text


@pytest.mark.parametrize("days", [-36_500, 36_500])
def test_the_farthest_relative_days_have_a_place(days: int) -> None:
    moment = read_moment(f"{days:+}d")

    assert moment is not None
    assert (span_of(moment, now=NOW, zone=TOKYO).start - NOW).days == pytest.approx(days, abs=2)
