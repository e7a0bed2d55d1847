"""What is shown of a charger: when it has to begin at the latest, to the minute."""

from datetime import datetime, timedelta

import pytest

from custom_components.home_flex.core.control.charging import ChargeIntent
from custom_components.home_flex.core.control.charging.model import Reason
from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.wishes import Wishes
from custom_components.home_flex.runtime.device_view import device_view

from .service_home import START
from .slots import quiet_slot


def latest_start(intent: ChargeIntent | None, *, decided: datetime = START) -> datetime | None:
    slot = quiet_slot(DeviceKind.EV_CHARGER)
    view = device_view(slot, DeviceMemory(), Wishes(), intent=intent, decided=decided, quiet=False)
    return view.latest_start


def due(latest_start_s: float | None) -> ChargeIntent:
    return ChargeIntent(current_a=0.0, reason=Reason.READY_BY, latest_start_s=latest_start_s)


@pytest.mark.parametrize("intent", [None, due(None), due(0.0), due(-60.0)])
def test_without_a_deadline_and_once_begun_there_is_none(intent: ChargeIntent | None) -> None:
    assert latest_start(intent) is None


@pytest.mark.parametrize("trace_s", [-0.4, 0.0, 0.4])
@pytest.mark.parametrize("passed_s", [0, 1, 17, 59, 60, 3599])
def test_it_stays_where_it_is_while_time_goes_by(passed_s: int, trace_s: float) -> None:
    intent = due(7200.0 - passed_s + trace_s)
    found = latest_start(intent, decided=START + timedelta(seconds=passed_s))
    assert found == START + timedelta(hours=2)
