"""Published numbers as claims, and the verdict on each: how what we measured stands to what was printed.

A claim says what was printed, where, and which of our results it is compared with; it is written before the run, in
params/published/<assignment>/<part>.yml. Verdicts are worked out anew whenever a table of them is shown.
"""

from lib.report.claims.claim import VERDICTS, Claim, ClaimError, Verdict
from lib.report.claims.gathering import Run, of_report, overall, verdicts
from lib.report.claims.loading import check_results, load, of_part, published
from lib.report.claims.rows import row, shown
from lib.report.claims.rules import judge

__all__ = [
    "VERDICTS", "Claim", "ClaimError", "Run", "Verdict", "check_results", "judge", "load", "of_part", "of_report",
    "overall", "published", "row", "shown", "verdicts",
]  # fmt: skip
