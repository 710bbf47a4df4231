"""What a question states → what each passage gains by agreeing with it, or loses where it does not.

Places, kinds and years count by the report, years spoken of and achieved or planned by the
passage. A question that states no year means what holds now: reports of the last years count
alike, older ones the less the older they are.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reportqa.filters import rows_about
from reportqa.index import BASES, Snapshot
from reportqa.ranking import Rows, Scores
from reportqa.records import Understanding

__all__ = ["Agreement"]

# In units of a view's deviation:
REGION_AGREES = 3.0  # a place stated outweighs most wording
YEAR_AGREES = 1.0  # the passage speaks of a year the question states
YEAR_IS_FAR = 1.0  # taken off: the report is of neither that year nor one beside it
REPORT_YEAR_AGREES = 1.0  # the report is of the year by which the question names it
KIND_AGREES = 0.6  # the report is of the kind the question names
BASIS_AGREES = 0.7  # achieved or planned, as the question has it
OLDER = 0.1  # taken off, where no year is stated, for each year that a report is older than RECENT
OLDEST = 2.0  # the most that is taken off for it

RECENT = 5  # years behind the newest report: the term of a government
KEPT = 256  # understandings for which what each report gains stays in memory


class Agreement:
    """What the passages of a snapshot gain. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Learn of what place, kind and year each report is."""
        self._snapshot = snapshot
        self._years = np.array([m.year or -1 for m in snapshot.reports])
        age = self._years.max(initial=0) - self._years
        self._age = np.where(self._years > 0, np.clip(OLDER * (age - RECENT), 0, OLDEST), 0)
        self._of_reports = lru_cache(maxsize=KEPT)(self._gain_of_reports)

    def gain(self, understood: Understanding, rows: Rows | None = None) -> Scores:
        """What each of these rows gains or loses; without `rows`, each row of the snapshot:
        (n_passages,)."""
        snapshot = self._snapshot
        of = slice(None) if rows is None else rows
        gain: Scores = self._of_reports(understood)[snapshot.passage_report[of]]
        if understood.years:
            spoken = rows_about(snapshot, [(year, year) for year in understood.years], rows)
            gain += np.float32(YEAR_AGREES) * spoken
        if understood.basis:
            agrees = snapshot.passage_basis[of] == BASES.index(understood.basis)
            gain += np.float32(BASIS_AGREES) * agrees
        return gain

    def rows_named(self, understood: Understanding) -> Rows | None:
        """The rows of the reports of the places stated; None where none is."""
        if not understood.regions:
            return None
        return np.flatnonzero(self._named(understood)[self._snapshot.passage_report])

    def _gain_of_reports(self, understood: Understanding) -> Scores:
        reports = self._snapshot.reports
        gain = np.zeros(len(reports), np.float32)
        if understood.regions:
            gain += REGION_AGREES * self._named(understood)
        if dated := understood.report_years or understood.years:
            distance = np.abs(self._years[:, None] - np.array(dated)).min(axis=1)
            gain -= YEAR_IS_FAR * ((distance > 1) & (self._years > 0))
        else:
            gain -= self._age
        if understood.report_years:
            gain += REPORT_YEAR_AGREES * np.isin(self._years, understood.report_years)
        if understood.kinds:
            gain += KIND_AGREES * np.array([m.kind in understood.kinds for m in reports])
        return gain

    def _named(self, understood: Understanding) -> NDArray[np.bool_]:
        """Whether each report is of a place stated."""
        return np.array([m.region in understood.regions for m in self._snapshot.reports], np.bool_)
