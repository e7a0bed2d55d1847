"""The least cost of a need, by HiGHS: what the order of merit is held against."""

import highspy
import numpy as np
from community_hub.flexibility.offers import Need, Offers


def least_cost_micro(offers: Offers, need: Need) -> float:
    """Return what the need costs at least, steps taken in part; NaN where it cannot be met."""
    homes, intervals, points = offers.step_w.shape
    feeders = len(need.feeder_cap_w)
    home, interval, _ = (each.ravel() for each in np.indices(offers.step_w.shape))
    hours = offers.interval_s / 3600
    rows = [
        interval,
        intervals + offers.feeder[home] * intervals + interval,
        intervals * (1 + feeders) + home,
    ]
    columns = homes * intervals * points
    values = [np.ones(columns), np.ones(columns), np.full(columns, hours)]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, intervals * (1 + feeders) + homes
    model.col_cost_ = offers.step_micro.ravel() * hours / 1000
    model.col_lower_, model.col_upper_ = np.zeros(columns), offers.step_w.ravel().astype(float)
    free = np.full(intervals * feeders + homes, -highspy.kHighsInf)
    model.row_lower_ = np.concatenate([need.power_w, free])
    model.row_upper_ = np.concatenate(
        [np.full(intervals, highspy.kHighsInf), need.feeder_cap_w.ravel(), offers.budget_wh]
    ).astype(float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(columns + 1) * len(rows)
    model.a_matrix_.index_ = np.stack(rows, axis=1).ravel()
    model.a_matrix_.value_ = np.stack(values, axis=1).ravel()
    solver = highspy.Highs()  # type: ignore[no-untyped-call] # it has no types
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return float("nan")
    return float(solver.getInfo().objective_function_value)
