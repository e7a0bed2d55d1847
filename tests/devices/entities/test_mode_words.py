"""Which options of a battery's mode are clear enough to be suggested."""

import pytest

from custom_components.home_flex.devices.entities.mode_words import guessed

# The options as integrations name them, and what is suggested for charge, discharge and hold.
MODES = [
    (
        ["Self use", "Force charge", "Force discharge", "Standby"],
        "Force charge",
        "Force discharge",
        "Standby",
    ),
    (["standby", "charge", "discharge"], "charge", "discharge", "standby"),
    (["auto", "charge_battery", "discharge_battery", "idle"], "charge_battery", "discharge_battery", "idle"),
    (["Automatisch", "Laden", "Entladen", "Halten"], "Laden", "Entladen", "Halten"),
    (["Auto", "Opladen", "Ontladen"], "Opladen", "Ontladen", None),
    (["Auto", "Charger", "Décharger", "Veille"], "Charger", "Décharger", "Veille"),
    (["Auto", "Carregar", "Descarregar", "Repouso"], "Carregar", "Descarregar", "Repouso"),
    (["Normal", "Stop charging", "Stop discharging"], None, None, None),
    (["Charge from grid", "Charge from solar only", "Stand-by"], "Charge from grid", None, "Stand-by"),
    (["Charge slowly", "Charge fast", "Discharge"], None, "Discharge", None),
    (["Charge and discharge", "Idle", "Stopped"], None, None, None),
    ([], None, None, None),
]


@pytest.mark.parametrize(("options", "charge", "discharge", "hold"), MODES)
def test_an_option_is_suggested_where_it_alone_can_mean_it(
    options: list[str], charge: str | None, discharge: str | None, hold: str | None
) -> None:
    wanted = {"charge": charge, "discharge": discharge, "hold": hold}
    assert guessed(options) == {name: option for name, option in wanted.items() if option is not None}
