"""Contrastive training on drawn pictures: SimCLR plus the classes of what is drawn."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..compute import fast_dtype
from .augment import views
from .drawings import Drawings
from .network import Trainee, export, normalised_convolutions, start_analytically

NO_CLASS = -100  # ignored by the cross-entropy


@dataclass
class Recipe:
    """What is drawn and how it is learnt. The defaults take about 20 minutes on two CPU cores."""

    views: int = 500_000              # views seen in all, two of each picture in a batch
    pictures: int = 20_000            # drawn scenes, drawn once before training
    picture_size: int = 160           # their side in pixels
    identities: int = 60              # drawn people, besides the scenes
    faces_per_identity: int = 20
    face_size: int = 96               # side at which faces are drawn; they are enlarged to picture_size
    view_size: int = 128              # side of the views
    last_view_size: int = 128         # … and of the last share of them
    last_share: float = 0.0
    batch: int = 288                  # views per step
    learning_rate: float = 1.5e-3     # peak; linear warm-up over the first 2 %, cosine to zero
    weight_decay: float = 0.05
    temperature: float = 0.15
    class_weight: float = 0.5         # weight of the cross-entropies beside the contrastive loss
    analytic_start: bool = True       # Gabor conv1 and smooth orthogonal conv2–5, else He's initialisation
    seed: int = 0


@dataclass
class Gallery:
    """Drawn pictures uint8 (N, S, S, 3), the class of the thing on each and of its ground (or NO_CLASS)."""

    pictures: Tensor
    things: Tensor
    grounds: Tensor
    n_things: int
    n_grounds: int


def draw_gallery(recipe: Recipe, device: torch.device, faces: Callable | None = None,
                 log: Callable[[str], None] = print) -> Gallery:
    """Draw all pictures of a recipe onto `device`, faces meanwhile on all cores.

    `faces(identities, per_identity, size, seed, first_identity=…)` returns images uint8 (N, size, size, 3) first,
    person by person; it must be importable by other processes. None leaves faces out.
    """
    generator = torch.Generator(device).manual_seed(recipe.seed)
    drawings = Drawings(seed=recipe.seed, device=device)
    n_faces = recipe.identities * recipe.faces_per_identity if faces else 0
    total, size = recipe.pictures + n_faces, recipe.picture_size
    pictures = torch.empty(total, size, size, 3, dtype=torch.uint8, device=device)
    things = torch.randint(0, drawings.n_things, (recipe.pictures,), generator=generator, device=device)
    grounds = torch.randint(0, drawings.n_textures, (recipe.pictures,), generator=generator, device=device)
    started = time.time()
    # spawn: a forked process cannot use, and may hang on, the parent's threads and GPU
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        # identities 0 to 5 are the embedded data set: those the features are later used on stay unseen
        people = [pool.submit(faces, 1, recipe.faces_per_identity, recipe.face_size, recipe.seed + 1,
                              first_identity=1000 + i) for i in range(recipe.identities)] if n_faces else []
        chunk = 2048 if device.type == "cuda" else 64
        for first in range(0, recipe.pictures, chunk):
            part = slice(first, min(first + chunk, recipe.pictures))
            pictures[part] = drawings.draw(things[part], grounds[part], size, generator)
            if first // chunk % max(1, recipe.pictures // chunk // 10) == 0:
                log(f"drawing: {part.stop:,} of {recipe.pictures:,} scenes after {time.time() - started:.0f} s")
        for i, person in enumerate(people):
            images = torch.from_numpy(person.result()[0]).to(device).permute(0, 3, 1, 2).float()
            images = F.interpolate(images, size=size, mode="bicubic", align_corners=False)
            first = recipe.pictures + i * recipe.faces_per_identity
            pictures[first:first + len(images)] = images.round().clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8)
    log(f"drawn: {recipe.pictures:,} scenes and {n_faces:,} faces in {time.time() - started:.0f} s")
    people_classes = torch.arange(recipe.identities if faces else 0, device=device) + drawings.n_things
    return Gallery(pictures, torch.cat([things, people_classes.repeat_interleave(recipe.faces_per_identity)]),
                   torch.cat([grounds, torch.full((n_faces,), NO_CLASS, device=device)]),
                   drawings.n_things + len(people_classes), drawings.n_textures)


def contrastive_loss(projections: Tensor, temperature: float) -> Tensor:
    """NT-Xent (SimCLR, Chen et al. 2020): projections (2N, D), rows i and i + N being two views of one picture."""
    z = F.normalize(projections.float(), dim=1)
    similarity = (z @ z.T / temperature).fill_diagonal_(-math.inf)
    n = len(z) // 2
    partner = torch.arange(2 * n, device=z.device).roll(n)
    return F.cross_entropy(similarity, partner)


def train(recipe: Recipe, gallery: Gallery, out: Path | None = None, log: Callable[[str], None] = print) -> nn.Sequential:
    """Train on the gallery's device; returns the convolutions (with batch normalisation, in evaluation mode).

    With `out`, the folded weights are written there every tenth of the way and at the end, so that a run cut off
    leaves something. Raises FloatingPointError, naming the step, when the loss is no longer finite.
    """
    device = gallery.pictures.device
    start = torch.Generator().manual_seed(recipe.seed)
    layers = normalised_convolutions(start)
    if recipe.analytic_start:
        start_analytically(layers, start)
    else:
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=start)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(recipe.seed)  # the heads' initialisation and dropout draw from the global generator
        return _steps(recipe, gallery, Trainee(layers, gallery.n_things, gallery.n_grounds), out, log)


def _steps(recipe: Recipe, gallery: Gallery, net: Trainee, out: Path | None, log: Callable[[str], None]) -> nn.Sequential:
    device = gallery.pictures.device
    net = net.to(device, memory_format=torch.channels_last).train()
    matrices = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim < 2]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": recipe.weight_decay},
                                   {"params": others, "weight_decay": 0.0}], lr=recipe.learning_rate,
                                  betas=(0.9, 0.98), fused=device.type == "cuda")
    steps = max(1, recipe.views // recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / (1 + 0.02 * steps))
                                                 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, step / steps))))
    generator = torch.Generator(device).manual_seed(recipe.seed + 1)
    order, place, half = torch.empty(0, dtype=torch.long), 0, recipe.batch // 2
    started, sums = time.time(), torch.zeros(3, device=device)
    report = max(1, steps // 50)
    for step in range(steps):
        if place + half > len(order):
            order, place = torch.randperm(len(gallery.pictures), generator=generator, device=device), 0
        rows = order[place:place + half]
        place += half
        side = recipe.last_view_size if step >= steps * (1 - recipe.last_share) else recipe.view_size
        pictures = gallery.pictures[rows]
        x = torch.cat([views(pictures, side, generator), views(pictures, side, generator)])
        with torch.autocast(device.type, torch.bfloat16, enabled=fast_dtype(device) == torch.bfloat16):
            things, grounds, projections = net(x)
        losses = torch.stack([
            contrastive_loss(projections, recipe.temperature),
            F.cross_entropy(things.float(), gallery.things[rows].repeat(2), label_smoothing=0.1),
            F.cross_entropy(grounds.float(), gallery.grounds[rows].repeat(2), label_smoothing=0.1)])
        loss = losses[0] + recipe.class_weight * (losses[1] + 0.5 * losses[2])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        sums += losses.detach()
        if (step + 1) % report == 0 or step + 1 == steps:
            mean = (sums / ((step % report) + 1)).tolist()
            if not all(map(math.isfinite, mean)):
                raise FloatingPointError(f"the loss is {mean} at step {step + 1}: try a lower learning rate than "
                                         f"{recipe.learning_rate}")
            seen, seconds = (step + 1) * recipe.batch, time.time() - started
            log(f"step {step + 1:,}/{steps:,}: contrastive {mean[0]:.3f}, things {mean[1]:.3f}, grounds {mean[2]:.3f}; "
                f"{seen:,} views, {seen / seconds:,.0f} a second, {seconds:.0f} s")
            sums.zero_()
        if out is not None and ((step + 1) % max(1, steps // 10) == 0 or step + 1 == steps):
            export(net.convolutions, out)
    return net.convolutions.eval()
