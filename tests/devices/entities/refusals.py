"""A whole profile, and changes to it that are refused: the new text, its line, where it is, and why."""

from typing import Final

WHOLE: Final = """\
profile: 1
id: brand
name: Brand
integration: brand
source: brand 1.0
date: "2026-11-28"
tested: read
devices:
  - kind: battery
    scope: entry
    needs: [power, state_of_charge]
    fresh: {reported: 10}
    side: dc
    roles:
      power: [{find: "_power$", sign: -1}]
      state_of_charge: [{find: "_soc$"}]
      rated_power: ask
      limit: [{find: "_limit$", domain: number}]
      mode: [{find: "_mode$", domain: select}]
    control:
      remember: [mode]
      charge:
        - {action: number.set_value, role: limit, data: {value: "{{ power * 100 / role.rated_power }}"}}
        - {action: select.select_option, role: mode, data: {option: "on"}}
      discharge: [{action: brand.drain, device: power, data: {power: "{{ power }}", minutes: "{{minutes}}"}}]
      release: [{restore: mode}]
      ends: {by: device_timer, seconds: 600, settable: true, carried_by: minutes, rewrite_s: 300}
      step_w: 50
      least_seconds: 30
      writes_per_day: 300
      readback_s: 5
      effect_s: 30
"""

SHORT: Final = (
    "{kind: battery, scope: entry, needs: [power], fresh: never, side: ac, roles: {power: [{find: a}]}}"
)

CHANGES: Final = {
    "a typing error in a key": (
        "least_seconds",
        "leat_seconds",
        29,
        "devices.0.control.leat_seconds",
        "did you mean 'least_seconds'?",
    ),
    "a kind that is none": ("kind: battery", "kind: batery", 9, "devices.0.kind", "did you mean 'battery'?"),
    "a role that is none": (
        "      rated_power: ask",
        "      rated_powr: ask",
        23,
        "devices.0.control.charge.0.data.value",
        "did you mean 'rated_powr'?",
    ),
    "a role that nobody uses": (
        "rated_power: ask\n",
        "rated_power: ask\n      colour: ask\n",
        18,
        "devices.0.roles.colour",
        "'colour' is not known",
    ),
    "a need that is no role": (
        "needs: [power,",
        "needs: [powr,",
        11,
        "devices.0.needs.0",
        "did you mean 'power'?",
    ),
    "a need that a person is asked for": (
        "needs: [power,",
        "needs: [rated_power,",
        11,
        "devices.0.needs.0",
        "a person is asked for it",
    ),
    "a device that stands twice": (
        "devices:\n",
        f"devices:\n  - {SHORT}\n",
        10,
        "devices.1",
        "stands here twice",
    ),
    "a bad regular expression": (
        '"_power$"',
        '"_power($"',
        15,
        "devices.0.roles.power.0.find",
        "this is no regular expression",
    ),
    "a group that repeats": (
        '"_power$"',
        '"(_power)+$"',
        15,
        "devices.0.roles.power.0.find",
        "a group must not repeat",
    ),
    "a regular expression of many repeats": (
        '"_power$"',
        '"a*b*c*$"',
        15,
        "devices.0.roles.power.0.find",
        "at most 2 repeats",
    ),
    "a sign that is none": (
        "sign: -1",
        "sign: 2",
        15,
        "devices.0.roles.power.0.sign",
        "a number from -1 to 1",
    ),
    "no sign": ("sign: -1", "sign: 0", 15, "devices.0.roles.power.0.sign", "1, -1 or unknown"),
    "a battery without a side": ("    side: dc\n", "", 9, "devices.0", "'side' is missing"),
    "the side of another kind": (
        "side: dc",
        "side: string",
        13,
        "devices.0.side",
        "'string' is not known here",
    ),
    "a fresh that is none": (
        "{reported: 10}",
        "{reportd: 10}",
        12,
        "devices.0.fresh.reportd",
        "did you mean 'reported'?",
    ),
    "no release": ("      release: [{restore: mode}]\n", "", 21, "devices.0.control", "'release' is missing"),
    "a release of what was not remembered": (
        "{restore: mode}",
        "{restore: limit}",
        26,
        "devices.0.control.release.0.restore",
        "'limit' is not known",
    ),
    "an action that is none": (
        "select.select_option",
        "select.select_opton",
        24,
        "devices.0.control.charge.1.action",
        "did you mean 'select.select_option'?",
    ),
    "an action of another integration": (
        "brand.drain",
        "shell_command.run",
        25,
        "devices.0.control.discharge.0.action",
        "is not known here",
    ),
    "an action past all checks": (
        "brand.drain",
        "brand.write_register",
        25,
        "devices.0.control.discharge.0.action",
        "is not taken",
    ),
    "an action on an entity of another domain": (
        "role: limit",
        "role: mode",
        23,
        "devices.0.control.charge.0.role",
        "mode is of select",
    ),
    "a template that sees more": (
        "{{ power }}",
        "{{ states('a.b') }}",
        25,
        "devices.0.control.discharge.0.data.power",
        "more than a template may do",
    ),
    "a template of an unknown name": (
        "{{ power }}",
        "{{ watts }}",
        25,
        "devices.0.control.discharge.0.data.power",
        "'watts' is not known",
    ),
    "a template that is none": (
        "{{ power }}",
        "{{ power",
        25,
        "devices.0.control.discharge.0.data.power",
        "this is no template",
    ),
    "a template of what was not remembered": (
        "{{ power }}",
        "{{ was.limit }}",
        25,
        "devices.0.control.discharge.0.data.power",
        "'limit' is not known",
    ),
    "an end without seconds": ("seconds: 600, ", "", 27, "devices.0.control.ends", "'seconds' is missing"),
    "a time that nothing carries": (
        "carried_by: minutes",
        "carried_by: hours",
        27,
        "devices.0.control.ends.carried_by",
        "'hours' is not known",
    ),
    "a rewriting that comes too late": (
        "rewrite_s: 300",
        "rewrite_s: 600",
        27,
        "devices.0.control.ends.rewrite_s",
        "less than 'seconds'",
    ),
    "seconds of what never ends": (
        "by: device_timer",
        "by: nothing",
        27,
        "devices.0.control.ends",
        "has neither seconds",
    ),
    "fewer writes than an order needs": (
        "writes_per_day: 300",
        "writes_per_day: 200",
        30,
        "devices.0.control.writes_per_day",
        "is rewritten 288 times",
    ),
    "the step of another kind": (
        "step_w: 50",
        "step_a: 1",
        28,
        "devices.0.control.step_a",
        "a battery has no step_a",
    ),
    "a number as a text": (
        "writes_per_day: 300",
        'writes_per_day: "300"',
        30,
        "devices.0.control.writes_per_day",
        "a number is expected",
    ),
    "a day that is none": ('"2026-11-28"', '"2026-13-28"', 6, "date", "a day in quotes is expected"),
    "another format": ("profile: 1", "profile: 2", 1, "profile", "reads format 1"),
    "a key that stands twice": ("id: brand\n", "id: brand\nid: other\n", 3, "id", "stands here twice"),
    "an anchor": ("scope: entry", "scope: &a entry", 10, "", "anchors, aliases and tags are not taken"),
    "a tag": ("scope: entry", "scope: !secret entry", 10, "", "anchors, aliases and tags are not taken"),
    "a value that is missing": ("scope: entry", "scope:", 10, "devices.0.scope", "a value is missing"),
    "broken YAML": ("state_of_charge]", "state_of_charge", 12, "", "this is no YAML"),
    "two documents": ("profile: 1\n", "profile: 1\n---\n", 2, "", "one profile a file"),
}
