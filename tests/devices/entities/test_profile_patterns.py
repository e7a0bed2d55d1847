"""What regular expressions and templates of a profile may hold."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.devices.entities.profile_patterns import check_template, compile_pattern


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("_power$", "1_power"),
        ("^HWE-(P1|KWH[13])_.+_w$", "HWE-KWH3_1_w"),
        (r"\.sensor$", "ocpp.1.sensor"),
        ("(?<!s)_power$", "a_power"),
        ("_l[123]$", "1_l2"),
        (r"[\]a]b$", "]b"),
        ("a{2}$", "aa"),
        ("(ab)?c$", "abc"),
    ],
)
def test_ordinary_expressions_are_taken(text: str, matches: str) -> None:
    assert compile_pattern(text).search(matches)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(a+)+$", "a group must not repeat"),
        ("(a|a)*$", "a group must not repeat"),
        ("(?:a){3,}", "a group must not repeat"),
        (r"(a)\1", "references"),
        ("(?P<n>a)(?P=n)", "groups other than"),
        ("(?i)a", "groups other than"),
        ("(?>a)", "groups other than"),
        (".*.*.*", "at most 2 repeats"),
        ("a?a?a?a?a?a?a?", "at most 6 choices"),
        ("[[a]]", "a set within a set"),
        ("[a--b]", "a set within a set"),
        ("(", "no regular expression"),
        ("[", "no regular expression"),
        ("a{99999999999}", "no regular expression"),
        ("a" * 201, "at most 200"),
    ],
)
def test_what_could_cost_without_bounds_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        compile_pattern(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(r"ab()|?*+[]{}^$.\<!=:-1,"), max_size=30))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        pattern = compile_pattern(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 # either may happen
    else:
        pattern.search("ab" * 20)


@pytest.mark.parametrize(
    ("text", "roles", "remembered"),
    [
        ("{{ power }}", [], []),
        ("{{ (power * 100 / role.rated_power) | round(0) | int }}", ["rated_power"], []),
        ("{{ -power }}", [], []),
        ("{{ was.mode }}", [], ["mode"]),
        ("{{ 1 if phases == 1 else 2 }}", [], []),
        ("{{ 'one' if phases == 1 else 'three' }}", [], []),
    ],
)
def test_expressions_are_taken(text: str, roles: list[str], remembered: list[str]) -> None:
    assert check_template(text) == (frozenset(roles), frozenset(remembered))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% for i in range(9) %}{% endfor %}", "only expressions"),
        ("{{ states('a.b') }}", "more than a template may do"),
        ("{{ now }}", "'now' is not known"),
        ("{{ power ** 9 }}", "more than a template may do"),
        ("{{ 'a' * 99999 }}", "never texts"),
        ("{{ '%99999999d' % power }}", "never texts"),
        ("{{ power * 2 * 2 }}", "multiplies once"),
        ("{{ 1000000 + power }}", "a number of at most"),
        ("{{ power | map('upper') }}", "the filter 'map'"),
        ("{{ power.__class__ }}", "only role and was"),
        ("{{ was.mode.__class__ }}", "only role and was"),
        ("{{ role['a'] }}", "more than a template may do"),
        ("{{ [power] }}", "more than a template may do"),
        ("{{ power", "no template"),
        ("{{ " + "(" * 150 + " }}", "no template"),
    ],
)
def test_more_than_an_expression_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        check_template(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("{}%# ()[].|*+-/'\"1apower"), max_size=40))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        roles, remembered = check_template(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 # either may happen
    else:
        assert roles | remembered <= {text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)}
