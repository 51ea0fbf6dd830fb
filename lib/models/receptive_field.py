"""Which part of the picture an output sees: by arithmetic on kernels, strides, dilations and paddings."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

WINDOWED = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
POINTWISE = (
    nn.ReLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.Dropout,
    nn.Dropout2d,
    nn.Identity,
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
)


@dataclass(frozen=True)
class ReceptiveField:
    """The square of the input that one output of a layer depends on, all in pixels of the input.

    size: its side. stride: how far apart the squares of neighbouring outputs lie. offset: the centre of the
    square of output 0, with the centre of pixel 0 at 0; output i is centred at offset + i · stride.
    """

    size: int = 1
    stride: int = 1
    offset: float = 0.0

    def interval(self, i: int) -> tuple[int, int]:
        """First and last pixel that output i depends on; they may lie outside, in the padding."""
        first = self.offset + i * self.stride - (self.size - 1) / 2
        return round(first), round(first) + self.size - 1


def receptive_fields(layers: Iterable[tuple[str, nn.Module]]) -> dict[str, ReceptiveField]:
    """The receptive field after each layer of a stack, by name and in order.

        receptive_fields(model.features.named_children())

    layers: convolutions and pools with square windows; layers that treat each place alone are passed over.
    A layer with kernel k, stride s, dilation d and padding p sees k_d = d·(k − 1) + 1 of its inputs and makes

        size ← size + (k_d − 1)·stride,  offset ← offset + ((k_d − 1)/2 − p)·stride,  stride ← stride·s.

    Raises ValueError for a layer that is neither, or whose window is not square.
    Source: COMP541 assignment 2, part 1.1; the recurrence as in Araujo, Norris and Sim, "Computing receptive
    fields of convolutional neural networks", Distill, 2019.
    """
    field, fields = ReceptiveField(), {}
    for name, layer in layers:
        if isinstance(layer, WINDOWED):
            if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d) and layer.ceil_mode:
                raise ValueError(f"{name} ({layer}) rounds up: its last window has another size")
            kernel, stride = _square(name, layer, "kernel_size"), _square(name, layer, "stride")
            reach = (
                _square(name, layer, "dilation") * (kernel - 1) + 1 if hasattr(layer, "dilation") else kernel
            )
            padding = _square(name, layer, "padding", reach)
            field = ReceptiveField(
                field.size + (reach - 1) * field.stride,
                field.stride * stride,
                field.offset + ((reach - 1) / 2 - padding) * field.stride,
            )
        elif not isinstance(layer, POINTWISE):
            raise ValueError(
                f"{name} ({layer}) has no receptive field that follows from kernel and stride: "
                "expected convolutions, pools and layers that treat each place by itself"
            )
        fields[name] = field
    return fields


def _square(name: str, layer: nn.Module, what: str, reach: int = 1) -> int:
    """The setting `what`, the same down and across."""
    value = getattr(layer, what)
    if isinstance(value, str):  # "same" puts the odd one, if any, at the right and below
        return (reach - 1) // 2 if value == "same" else 0
    values = {value} if isinstance(value, int) else set(value)
    if len(values) > 1:
        raise ValueError(f"{name} ({layer}): {what} {tuple(value)} is not the same down and across")
    return values.pop()
