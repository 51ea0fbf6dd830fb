"""Published numbers as claims, and the verdict on each: how what we measured stands to what was printed.

A claim says what was printed, where, and which of our results it is compared with; it is written before the
run, in params/published/<assignment>/<part>.yml. Verdicts are worked out anew whenever a table of them is
shown.
"""

from lib.claims.claim import VERDICTS, Claim, ClaimError, Verdict
from lib.claims.gathering import Run, of_report, overall, verdicts
from lib.claims.loading import load, logged, of_part, published
from lib.claims.rows import PLUS_MINUS, briefly, footnoted, row, shown
from lib.claims.rules import judge
from lib.claims.summary import by_chance, by_chance_text, line, telling

__all__ = [
    "PLUS_MINUS",
    "VERDICTS",
    "Claim",
    "ClaimError",
    "Run",
    "Verdict",
    "briefly",
    "by_chance",
    "by_chance_text",
    "footnoted",
    "judge",
    "line",
    "load",
    "logged",
    "of_part",
    "of_report",
    "overall",
    "published",
    "row",
    "shown",
    "telling",
    "verdicts",
]
