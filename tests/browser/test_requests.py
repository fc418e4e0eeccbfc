"""The requests beside the phone."""

import pytest
import requests
from playwright.sync_api import Locator, expect

from tests.browser.line import Line
from tests.browser.phone import AKI, BEN, Phone

HELLO = {"type": "text", "text": "Hello"}


def rows(phone: Phone) -> Locator:
    return phone.page.locator("#request-list > li")


def unfolded(phone: Phone, text: str) -> Locator:
    """The newest request, once its row has this text."""
    row = rows(phone).first
    expect(row).to_contain_text(text)
    row.locator("summary").first.click()
    expect(row.locator(".json").first).to_be_visible()
    return row.locator(".exchange")


def test_a_request_is_listed_as_it_comes_the_newest_first(phone: Phone, line: Line) -> None:
    line.push(AKI, HELLO)
    line.multicast([AKI, BEN], HELLO)

    expect(rows(phone).first).to_contain_text("POST/v2/bot/message/multicast200")
    expect(rows(phone).nth(1)).to_contain_text("POST/v2/bot/message/push200")


def test_a_request_unfolds_to_its_ids_its_body_and_its_answer(phone: Phone, line: Line) -> None:
    line.multicast([AKI, BEN], HELLO)

    shown = unfolded(phone, "/v2/bot/message/multicast")

    expect(shown.locator("dt")).to_have_text(["Request id", "Recipients"])
    expect(shown.locator("dd").nth(1)).to_have_text("2")
    expect(shown.locator(".json").first).to_contain_text(f'0: "{AKI}"')
    expect(shown.locator(".json").first).to_contain_text('text: "Hello"')
    expect(shown.locator(".json").last).to_have_text("{}")


def test_a_long_list_is_folded_until_it_is_opened(phone: Phone, line: Line) -> None:
    line.multicast([f"U{number:032x}" for number in range(30)], HELLO)
    to = unfolded(phone, "/v2/bot/message/multicast").locator("details", has_text="to:").last
    expect(to.locator("summary")).to_have_text("to: [ 30 ]")
    expect(to.locator(".string")).to_have_count(0)

    to.locator("summary").click()

    expect(to.locator(".string")).to_have_count(30)


def test_a_refusal_shows_why_and_can_be_filtered_for(phone: Phone, line: Line) -> None:
    line.push(AKI, HELLO)
    line.api("POST", "/message/push", {"to": "aki", "messages": [HELLO]})
    expect(rows(phone).first).to_contain_text("400")

    phone.field("Refused only").check()

    expect(rows(phone).locator("visible=true").locator("xpath=self::li")).to_have_count(1)
    expect(unfolded(phone, "400").locator(".json").last).to_contain_text(
        "The property, 'to', in the request body is invalid"
    )


def test_a_request_whose_connection_was_cut_says_so(phone: Phone, line: Line) -> None:
    line.call("POST", "/faults", {"fault": "cut_after_accepting", "endpoint": "push", "count": 1})

    with pytest.raises(requests.ConnectionError):
        line.push(AKI, HELLO)

    expect(unfolded(phone, "POST/v2/bot/message/pushcut")).to_contain_text("AnswerNone: the connection was cut")
    expect(phone.messages).to_have_count(1)


def test_a_message_leads_to_the_request_that_sent_it(phone: Phone, line: Line) -> None:
    line.push(AKI, HELLO)
    line.push(AKI, HELLO)
    expect(phone.messages).to_have_count(2)

    phone.messages.first.get_by_role("button", name="push").click()

    expect(rows(phone).nth(1).locator("details").first).to_have_attribute("open", "")
    expect(rows(phone).nth(1).locator("summary").first).to_be_focused()


def test_no_token_and_no_secret_is_shown(phone: Phone, line: Line) -> None:
    form = {"grant_type": "client_credentials", "client_id": "1234567890", "client_secret": "secret"}
    assert line.session.post(f"{line.url}/oauth2/v3/token", data=form).ok
    expect(rows(phone).first).to_contain_text("/oauth2/v3/token")

    rows(phone).first.locator("summary").click()

    expect(rows(phone).first.locator(".exchange")).to_contain_text("BodyNo bodyAnswerNo body")
