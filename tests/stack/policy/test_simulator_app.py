"""The simulator as an app and in the demo."""

import json

from home_simulator.__main__ import _parser
from home_simulator.app import command_line, is_healthy
from home_start.record import parse

from scripts.home_stack.processes import free_port

from .stack_files import DEMO, ROOT, load

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - inside the container
FIXED = ["--bind", EVERY_ADDRESS, "--p1-port", "8801", "--modbus-port", "8502", "--control-port", "8090"]


def test_without_options_it_listens_where_the_demo_expects_it() -> None:
    assert command_line({}, {}) == FIXED
    record = json.loads(load(DEMO)["services"]["home_assistant"]["environment"]["HOME_RECORD"])
    assert {(device["host"], device["port"]) for device in record["devices"]} == {
        ("home_simulator", 8801),
        ("home_simulator", 8502),
    }


def test_every_option_of_the_app_is_understood_by_the_simulator() -> None:
    manifest = load(ROOT / "addons" / "home_simulator" / "config.yaml")
    values = {
        "car": "away",
        "ocpp_url": "ws://homeassistant:8887",
        "ocpp_identity": "CP-1",
        "at": "2026-06-21",
    }
    options = {name: values.get(name, "1") for name in manifest["schema"] if name != "ocpp_password"}
    understood = vars(_parser().parse_args(command_line(options, {})))
    assert {
        name
        for name in options
        if str(understood[name]) not in {str(options[name]), "1.0", f"{options[name]} 00:00:00"}
    } == set()


def test_an_option_left_out_or_empty_is_the_simulators_own() -> None:
    assert command_line({"seed": None, "ocpp_url": ""}, {}) == FIXED


def test_the_environment_goes_before_the_options() -> None:
    assert command_line({"seed": 1}, {"SEED": "7"})[-2:] == ["--seed", "7"]


def test_a_password_is_never_a_word_of_the_command_line() -> None:
    assert "river" not in " ".join(command_line({"ocpp_password": "river"}, {"OCPP_PASSWORD": "river"}))


def test_a_house_that_does_not_answer_is_unhealthy() -> None:
    assert not is_healthy(free_port())


def test_the_demos_record_is_one_a_home_takes() -> None:
    record = parse(load(DEMO)["services"]["home_assistant"]["environment"]["HOME_RECORD"])
    assert {device.kind for device in record.devices} == {"grid_meter", "pv", "battery"}
