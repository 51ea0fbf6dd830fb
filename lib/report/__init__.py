"""Pages, results, published claims and their verdicts:
what a notebook records and how the report is made of it."""

__all__ = ["page"]


def page(part: str):
    """Begin the page of `part`, a `lib.report.pages.Page`. Raises `lib.report.parameters.ParameterError`."""
    from lib.report.pages import begin  # not at the top: the engine needs no plotting library to start

    return begin(part)
