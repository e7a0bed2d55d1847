"""When the access point is on, and when the home's own line goes first."""

from hypothesis import given
from hypothesis import strategies as st
from wifi_ap.decision import Radio, State, Window, decide

OPEN = Window(is_wanted=True, remaining_s=60)


def radio(
    interface: str = "wlan0", *, able: bool = True, client: bool = False, wanted: bool = False
) -> Radio:
    return Radio(interface=interface, can_be_access_point=able, is_client=client, is_wanted_as_client=wanted)


def test_a_free_radio_is_the_access_point_while_the_home_is_on_a_cable() -> None:
    status = decide([radio()], ["eth0"], OPEN)
    assert (status.state, status.interface) == (State.ON, "wlan0")


def test_a_free_radio_is_the_access_point_of_a_home_that_has_no_line_yet() -> None:
    assert decide([radio()], [], OPEN).state is State.ON


def test_the_only_radio_is_not_taken_from_the_home_it_connects() -> None:
    status = decide([radio(client=True, wanted=True)], ["wlan0"], OPEN)
    assert status.state is State.DISABLED
    assert "second radio" in status.reason


def test_a_radio_that_alone_would_bring_the_home_back_is_kept_for_it() -> None:
    status = decide([radio(wanted=True)], [], OPEN)
    assert status.state is State.DISABLED
    assert "kept for the home's own WiFi" in status.reason


def test_a_radio_that_carries_the_only_line_is_no_spare_whatever_it_calls_itself() -> None:
    assert decide([radio(wanted=True)], ["wlan0"], OPEN).state is State.DISABLED
    assert decide([radio(wanted=True)], ["wlan0", "eth0"], OPEN).state is State.ON


def test_a_second_radio_is_taken_rather_than_the_one_the_home_knows() -> None:
    radios = [radio("wlan0", wanted=True), radio("wlan1")]
    assert decide(radios, ["eth0"], OPEN).interface == "wlan1"


def test_a_radio_that_cannot_be_one_is_named_as_the_cause() -> None:
    assert "no radio of this gateway can" in decide([radio(able=False)], ["eth0"], OPEN).reason


def test_a_gateway_without_a_radio_says_so() -> None:
    assert decide([], ["eth0"], OPEN).reason == "this gateway has no radio"


def test_it_is_off_when_the_time_is_over() -> None:
    assert decide([radio()], ["eth0"], Window(is_wanted=True, remaining_s=0)).state is State.OFF


def test_it_is_off_where_it_is_not_wanted() -> None:
    assert decide([radio()], ["eth0"], Window(is_wanted=False, remaining_s=60)).state is State.OFF


RADIOS = st.lists(
    st.builds(
        Radio,
        interface=st.sampled_from(["wlan0", "wlan1", "wlan2"]),
        can_be_access_point=st.booleans(),
        is_client=st.booleans(),
        is_wanted_as_client=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda radio: radio.interface,
)


@given(RADIOS, st.lists(st.sampled_from(["eth0", "wlan0", "wlan1"])), st.booleans(), st.floats(0, 3600))
def test_a_chosen_radio_can_do_it_and_the_home_keeps_its_line(
    radios: list[Radio], uplinks: list[str], is_wanted: bool, remaining_s: float
) -> None:
    status = decide(radios, uplinks, Window(is_wanted=is_wanted, remaining_s=remaining_s))
    assert (status.interface is not None) == (status.state is State.ON)
    assert status.reason
    if status.interface is not None:
        chosen = next(radio for radio in radios if radio.interface == status.interface)
        assert is_wanted
        assert remaining_s > 0
        assert chosen.can_be_access_point
        assert not chosen.is_client
        assert not chosen.is_wanted_as_client or set(uplinks) - {chosen.interface}
