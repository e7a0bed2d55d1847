"""Prices that nobody pays, at the level of a currency: they outbid energy in CZK as they do in EUR."""

from dataclasses import replace

from .problem import Problem


def at_price_level(problem: Problem, level: float) -> Problem:
    """Return a problem whose prices beside money, written in EUR, stand at the level of its currency.

    All of them are times ``level``: preferences, wear, sessions, programmes that do not run, and promises.
    What is really paid (signals, the months' peaks, worths that are given) is in the currency already.
    ValueError where ``level`` is not above zero.
    """
    return replace(
        problem,
        preferences=problem.preferences.scaled(level),
        batteries=tuple(replace(one, wear_per_kwh=one.wear_per_kwh * level) for one in problem.batteries),
        fast_charges=tuple(
            one
            if one.waiting is None
            else replace(one, waiting=replace(one.waiting, start_price=one.waiting.start_price * level))
            for one in problem.fast_charges
        ),
        consumers=tuple(replace(one, start_price=one.start_price * level) for one in problem.consumers),
        appliances=tuple(replace(one, skip_price=one.skip_price * level) for one in problem.appliances),
        commitments=tuple(
            replace(one, price_per_kwh=one.price_per_kwh * level) for one in problem.commitments
        ),
    )
