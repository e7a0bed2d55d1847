"""The stack's Home Assistant is real, ready for its user, and stays so over a restart."""

import pytest

from scripts.home_stack.home_assistant import HomeAssistant, complaints

pytestmark = pytest.mark.timeout(240)


async def test_home_assistant_starts_with_a_user_and_keeps_it_over_a_kill(
    home_assistant: HomeAssistant,
) -> None:
    assert (await home_assistant.version()).startswith("2026.")

    # It writes its log-ins a moment after they are made.
    await home_assistant.stored("auth", holding="Home stack")
    await home_assistant.kill()
    await home_assistant.start()

    assert await home_assistant.api.websocket({"type": "auth/current_user"})


def test_a_traceback_counts_as_a_complaint_of_the_integration_it_runs_through() -> None:
    log = [
        "2026-11-21 10:00:00.000+01:00 WARNING (MainThread) [homeassistant.loader] We found home_flex",
        "2026-11-21 10:00:01.000+01:00 ERROR (MainThread) [homeassistant] Error doing job",
        "Traceback (most recent call last):",
        '  File "custom_components/home_flex/runtime/controller.py", line 1, in tick',
        "ValueError: no",
        "2026-11-21 10:00:02.000+01:00 ERROR (MainThread) [homeassistant.components.camera] not ours",
        "2026-11-21 10:00:03.000+01:00 WARNING (Main) [loop] Detected blocking call to open by home_flex",
    ]

    found = complaints(log)

    assert [record.split("] ", 1)[1].split(" ")[0] for record in found] == ["Error", "Detected"]
