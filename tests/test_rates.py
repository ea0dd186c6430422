"""How fast a sender may send: what the setting says, and when one more message would be too many."""

import pytest

from lrflow.channels.rates import Rate, read_rate
from lrflow.errors import Misused

pytestmark = pytest.mark.requirement("C8")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("20/min 400/day", Rate(20, 400)),
        ("20/min, 400/day", Rate(20, 400)),
        (" 20 / min , 400 / day ", Rate(20, 400)),
        ("20/min", Rate(20, None)),
        ("400/day", Rate(None, 400)),
        ("", Rate()),
    ],
)
def test_a_rate_is_read_as_providers_put_it(text, rate):
    assert read_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["20", "0/min", "-1/day", "20/hour", "20/min400/day", "20/min 20/min", "much", "1e9/day"]
)
def test_what_is_no_rate_is_refused_with_an_example(text):
    with pytest.raises(Misused, match="not a rate of sending") as refused:
        read_rate(text)

    assert refused.value.remedy == ('lrflow settings set smtp_rate="20/min 400/day"',)


@pytest.mark.parametrize(
    ("last_minute", "today", "may"),
    [(0, 0, True), (19, 399, True), (20, 0, False), (0, 400, False), (21, 401, False)],
)
def test_one_more_may_leave_below_both_limits(last_minute, today, may):
    assert Rate(20, 400).allowed(last_minute, today) is may


def test_without_a_limit_one_more_may_always_leave():
    assert Rate().allowed(10_000, 10_000_000)
    assert Rate(a_day=400).allowed(10_000, 399)
    assert not Rate(a_minute=20).allowed(20, 20)


def test_the_setting_is_refused_when_it_cannot_be_meant(young):
    kept = young.do('settings set "smtp_rate=20/min 400/day"')
    refused = young.run('settings set "smtp_rate=20 per minute"')
    emptied = young.run("settings set smtp_rate=")

    assert "smtp_rate: - -> 20/min 400/day" in kept.out
    assert (refused.code, emptied.code) == (2, 2)
    assert young.do("settings show --json").data["smtp_rate"]["value"] == "20/min 400/day"
