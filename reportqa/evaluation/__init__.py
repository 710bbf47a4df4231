"""How good the retrieval is, measured on questions whose answers are known.

In the order to read: `runs` (replies, saved or at hand), `gold` and `beir` (two formats of
questions, each question's figures), `contradictions` (answers that contradict their questions),
`statistics` (intervals and paired tests over them).
"""

from reportqa.evaluation.beir import (
    BEIR_COMPARED,
    figures_of_beir,
    rank_reports,
    read_beir,
    score_beir,
)
from reportqa.evaluation.contradictions import list_contradictions
from reportqa.evaluation.gold import (
    GOLD_COMPARED,
    figures_of_gold,
    list_losses,
    read_gold,
    score_gold,
)
from reportqa.evaluation.runs import RunHit, RunReply, read_run, run_reply
from reportqa.evaluation.statistics import Figures, compare

__all__ = [
    "BEIR_COMPARED",
    "GOLD_COMPARED",
    "Figures",
    "RunHit",
    "RunReply",
    "compare",
    "figures_of_beir",
    "figures_of_gold",
    "list_contradictions",
    "list_losses",
    "rank_reports",
    "read_beir",
    "read_gold",
    "read_run",
    "run_reply",
    "score_beir",
    "score_gold",
]
