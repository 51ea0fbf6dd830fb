"""Neural networks by hand in NumPy: forward and backward passes, optimisers, training."""

from lib.backprop.activations import ACTIVATIONS, softmax
from lib.backprop.descents import Descents
from lib.backprop.initialisers import INITIALISERS
from lib.backprop.layers import Dense, Dropout
from lib.backprop.losses import cross_entropy, one_hot
from lib.backprop.milestones import fit_to_milestones
from lib.backprop.network import Network, accuracy
from lib.backprop.online import Ensemble
from lib.backprop.optimisers import GradientDescent, Momentum
from lib.backprop.schedules import InverseTime, StepDecay
from lib.history import Diverged, History

__all__ = [
    "ACTIVATIONS",
    "INITIALISERS",
    "Dense",
    "Descents",
    "Diverged",
    "Dropout",
    "Ensemble",
    "GradientDescent",
    "History",
    "InverseTime",
    "Momentum",
    "Network",
    "StepDecay",
    "accuracy",
    "cross_entropy",
    "fit_to_milestones",
    "one_hot",
    "softmax",
]
