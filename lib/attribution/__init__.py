"""What in a network, or in a picture, speaks for a class, and whether that can be believed."""

from .deletion import area_under, blur_fill, deletion_curves, deletion_order, mean_fill
from .gradients import input_gradient
from .guided import GuidedReLU, guided_relus
from .maps import blocked, feature_maps
from .regions import as_picture, cheeks, edge_energy, energy, mean_interval, resize_masks, share
from .saliency import colour_saliency, grey_saliency, negative_saliency, positive_saliency, signed_saliency
from .sanity import cascade, rank_correlation, structural_similarity
from .units import standardised, top_units

__all__ = [
    "GuidedReLU",
    "area_under",
    "as_picture",
    "blocked",
    "blur_fill",
    "cascade",
    "cheeks",
    "colour_saliency",
    "deletion_curves",
    "deletion_order",
    "edge_energy",
    "energy",
    "feature_maps",
    "grey_saliency",
    "guided_relus",
    "input_gradient",
    "mean_fill",
    "mean_interval",
    "negative_saliency",
    "positive_saliency",
    "rank_correlation",
    "resize_masks",
    "share",
    "signed_saliency",
    "standardised",
    "structural_similarity",
    "top_units",
]
