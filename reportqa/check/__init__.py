"""What a language model wrote → what of it the reports say; the rest removed, with the reason.

`statements.py` cuts the text into statements with the numbers they cite, `reading.py` reads figures
and years off a text, `ground.py` tells what each figure of the excerpts counts, `names.py` finds
names, `rules.py` holds one claim to what it cites, and `checking.py` puts what is left together. No
model judges here: what a rule cannot see passes, and what a rule sees is given as a reason.
"""

from reportqa.check.checking import Checked, check

__all__ = ["Checked", "check"]
