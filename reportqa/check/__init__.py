"""What a language model wrote → what of it the reports say; the rest removed, with the reason.

`statements.py` cuts the text into statements with the numbers they cite; `reading.py` reads figures,
years and signs of plan, negation and direction off a text; `rules.py` holds one statement to what
it cites; `checking.py` runs the rules and puts what is left together. No model judges here: what a
rule cannot see, passes, and what a rule sees is given as a reason.
"""

from reportqa.check.checking import Checked, check

__all__ = ["Checked", "check"]
