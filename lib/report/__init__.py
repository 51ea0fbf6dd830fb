"""Pages, results, published claims and their verdicts: what a notebook records and how the report is made of it."""

from lib.report.claims import ClaimError
from lib.report.page import Page, page
from lib.report.parameters import ParameterError

__all__ = ["ClaimError", "Page", "ParameterError", "page"]
