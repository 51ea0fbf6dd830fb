"""Gradient checks: finite differences, complex step, every weight; and what gradients cost."""

from lib.gradcheck.costs import (
    count_backprop,
    count_every_weight,
    count_forward_evaluation,
    count_path_sum,
    plain_backprop,
    plain_forward_evaluation,
    plain_path_sum,
)
from lib.gradcheck.differences import (
    Derivative,
    Directional,
    complex_step,
    coordinates,
    directions,
    step_sweep,
)
from lib.gradcheck.exhaustive import Errors, Report, every_weight

__all__ = [
    "Derivative",
    "Directional",
    "Errors",
    "Report",
    "complex_step",
    "coordinates",
    "count_backprop",
    "count_every_weight",
    "count_forward_evaluation",
    "count_path_sum",
    "directions",
    "every_weight",
    "plain_backprop",
    "plain_forward_evaluation",
    "plain_path_sum",
    "step_sweep",
]
