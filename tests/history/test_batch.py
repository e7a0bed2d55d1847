"""What is written together: of each kind the newest."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.entries import OutgoingReport

REPORTS = st.lists(
    st.builds(
        lambda number, series, payload: OutgoingReport(
            id=f"r{number}", payload=payload, series=series and f"of {series}"
        ),
        st.integers(0, 1000),
        st.sampled_from([None, None, "a", "b", "c"]),
        st.binary(max_size=1),
    ),
    max_size=6,
    unique_by=lambda report: report.id,
)


@given(st.lists(REPORTS, max_size=4))
def test_of_a_series_only_the_newest_stays_and_of_an_id_the_first(
    handed_over: list[list[OutgoingReport]],
) -> None:
    batch = Batch()
    expected: list[OutgoingReport] = []
    for reports in handed_over:
        batch.add_reports(reports)
        for report in reports:
            if report.series is not None:
                expected = [each for each in expected if each.series != report.series]
            if report.id not in {each.id for each in expected}:
                expected.append(report)
    assert list(batch.reports.values()) == expected
