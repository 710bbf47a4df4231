"""Files of questions in, files of answers out.

Read in this order: `questions` reads a file of questions, `tables` what has columns and `xlsx_in`
what is a workbook; `run` asks them lot by lot, `writers` lets a model write the answers, `journal`
lets an interrupted run go on, `output` chooses how answers are written: `formats` what can be
appended to, `xlsx_out` and `docx_out` what is written whole; `cells` makes any text safe for them.
"""

from reportqa.batch.output import OUTPUTS, open_output
from reportqa.batch.questions import INPUTS, read_questions
from reportqa.batch.run import Progress, Tally, run_batch
from reportqa.batch.tables import Asked

__all__ = [
    "INPUTS",
    "OUTPUTS",
    "Asked",
    "Progress",
    "Tally",
    "open_output",
    "read_questions",
    "run_batch",
]
