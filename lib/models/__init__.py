"""Torch networks: the MLP, AlexNet with a tap after each layer and its weights, frozen features."""

from .alexnet import AlexNet
from .compute import default_device, fast_dtype
from .features import features
from .initialise import initialise
from .loading import WeightsError, read_weights
from .mlp import MLP

__all__ = ["MLP", "AlexNet", "WeightsError", "default_device", "fast_dtype", "features", "initialise",
           "read_weights"]
