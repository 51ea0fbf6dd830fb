"""Torch networks: the MLP, ConvNet from a description, AlexNet with a tap after each layer and its weights,
frozen features."""

from .alexnet import AlexNet
from .compute import default_device, evaluating, fast_dtype
from .convnet import Conv, ConvNet, Dense, Pool, summary
from .features import cached_features, features
from .initialise import initialise
from .loading import WeightsError, read_weights
from .mlp import MLP
from .receptive_field import ReceptiveField, receptive_fields
from .system import AlexNetWithHead, layer_end, resized

__all__ = [
    "MLP",
    "AlexNet",
    "AlexNetWithHead",
    "Conv",
    "ConvNet",
    "Dense",
    "Pool",
    "ReceptiveField",
    "WeightsError",
    "cached_features",
    "default_device",
    "evaluating",
    "fast_dtype",
    "features",
    "initialise",
    "layer_end",
    "read_weights",
    "receptive_fields",
    "resized",
    "summary",
]
