"""Contrastive training on drawn pictures: SimCLR plus the classes of what is drawn."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lib.cache import replacing
from lib.models.compute import fast_dtype

from .augment import views
from .drawings import Drawings
from .network import Trainee, export, normalised_convolutions, start_analytically

NO_CLASS = -100  # ignored by the cross-entropy


@dataclass
class Recipe:
    """What is drawn and how it is learnt; the defaults made the weights in `lib/embedded/alexnet`."""

    views: int = 340_000  # views seen in all, two of each picture in a batch
    pictures: int = 30_000  # drawn scenes, drawn once before training
    picture_size: int = 160  # their side in pixels
    identities: int = 240  # drawn people, besides the scenes
    faces_per_identity: int = 25
    face_size: int = 96  # side at which faces are drawn; they are enlarged to picture_size
    view_size: int = 128  # side of the views
    batch: int = 288  # views per step
    learning_rate: float = 1.2e-3  # after a linear warm-up over the first 2 % of the views
    decay: float = 0.35  # last share of the views over which the rate falls linearly to zero
    weight_decay: float = 0.05
    temperature: float = 0.15
    class_weight: float = 0.5  # weight of the cross-entropies beside the contrastive loss
    analytic_start: bool = True  # Gabor conv1 and smooth orthogonal conv2–5, else He's initialisation
    seed: int = 0


@dataclass
class Gallery:
    """Drawn pictures uint8 (N, S, S, 3), the class of the thing on each and of its ground (or NO_CLASS)."""

    pictures: Tensor
    things: Tensor
    grounds: Tensor
    n_things: int
    n_grounds: int


def draw_gallery(
    recipe: Recipe, device: torch.device, faces: Callable | None = None, log: Callable[[str], None] = print
) -> Gallery:
    """Draw all pictures of a recipe onto `device`, faces meanwhile on all cores.

    `faces(identities, per_identity, size, seed, first_identity=…)` returns images uint8 (N, size, size, 3)
    first, person by person; it must be importable by other processes. None leaves faces out.
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
        people = (
            [
                pool.submit(
                    faces,
                    1,
                    recipe.faces_per_identity,
                    recipe.face_size,
                    recipe.seed + 1,
                    first_identity=1000 + i,
                )
                for i in range(recipe.identities)
            ]
            if n_faces
            else []
        )
        chunk = 2048 if device.type == "cuda" else 64
        for first in range(0, recipe.pictures, chunk):
            part = slice(first, min(first + chunk, recipe.pictures))
            pictures[part] = drawings.draw(things[part], grounds[part], size, generator)
            if first // chunk % max(1, recipe.pictures // chunk // 10) == 0:
                log(f"drawing: {part.stop:,} of {recipe.pictures:,} scenes, {time.time() - started:.0f} s")
        for i, person in enumerate(people):
            images = torch.from_numpy(person.result()[0]).to(device).permute(0, 3, 1, 2).float()
            images = F.interpolate(images, size=size, mode="bicubic", align_corners=False)
            first = recipe.pictures + i * recipe.faces_per_identity
            pictures[first : first + len(images)] = (
                images.round().clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8)
            )
    log(f"drawn: {recipe.pictures:,} scenes and {n_faces:,} faces in {time.time() - started:.0f} s")
    people_classes = torch.arange(recipe.identities if faces else 0, device=device) + drawings.n_things
    return Gallery(
        pictures,
        torch.cat([things, people_classes.repeat_interleave(recipe.faces_per_identity)]),
        torch.cat([grounds, torch.full((n_faces,), NO_CLASS, device=device)]),
        drawings.n_things + len(people_classes),
        drawings.n_textures,
    )


def contrastive_loss(projections: Tensor, temperature: float) -> Tensor:
    """NT-Xent (SimCLR, Chen et al. 2020): projections (2N, D), rows i and i + N from one picture."""
    z = F.normalize(projections.float(), dim=1)
    similarity = (z @ z.T / temperature).fill_diagonal_(-math.inf)
    n = len(z) // 2
    partner = torch.arange(2 * n, device=z.device).roll(n)
    return F.cross_entropy(similarity, partner)


def train(
    recipe: Recipe, gallery: Gallery, out: Path | None = None, log: Callable[[str], None] = print
) -> nn.Sequential:
    """Train on the gallery's device; returns the convolutions (with batch normalisation, in evaluation mode).

    With `out`, the folded weights are written there every twentieth of the way and at the end, and beside
    them a .state.pt file from which the same call, cut off, goes on; it is removed at the end. Raises
    FloatingPointError, naming the step, when the loss is no longer finite, ValueError when the state file
    belongs to another recipe.
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
        run = _Run(recipe, gallery, Trainee(layers, gallery.n_things, gallery.n_grounds))
        state = None if out is None else out.with_suffix(".state.pt")
        if state is not None and state.exists():
            run.resume(state)
            log(f"going on at step {run.step:,} from {state}")
        return run.to_the_end(out, state, log)


class _Run:
    """A training under way: network, optimiser, random streams and the step they have come to."""

    def __init__(self, recipe: Recipe, gallery: Gallery, net: Trainee):
        self.recipe, self.gallery, self.step = recipe, gallery, 0
        self.device = gallery.pictures.device
        self.net = net.to(self.device, memory_format=torch.channels_last).train()
        groups = [
            {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
            {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)
        self.generator = torch.Generator(self.device).manual_seed(recipe.seed + 1)
        self.steps = max(1, recipe.views // recipe.batch)
        self.bf16 = fast_dtype(self.device) == torch.bfloat16

    def to_the_end(self, out: Path | None, state: Path | None, log: Callable[[str], None]) -> nn.Sequential:
        started, first, losses = time.time(), self.step, []
        while self.step < self.steps:
            losses.append(self.one_step())
            self.step += 1
            last = self.step == self.steps
            if self.step % max(1, self.steps // 50) == 0 or last:
                mean = torch.stack(losses).mean(0).tolist()
                if not all(map(math.isfinite, mean)):
                    raise FloatingPointError(
                        f"the loss is {mean} at step {self.step}: try a lower learning rate "
                        f"than {self.recipe.learning_rate}"
                    )
                seconds = time.time() - started
                rate = (self.step - first) * self.recipe.batch / seconds
                log(
                    f"step {self.step:,}/{self.steps:,}: contrastive {mean[0]:.3f}, things {mean[1]:.3f}, "
                    f"grounds {mean[2]:.3f}; {rate:,.0f} views a second, {seconds:.0f} s"
                )
                losses.clear()
            if out is not None and (self.step % max(1, self.steps // 20) == 0 or last):
                export(self.net.convolutions, out)
                self.save(state)
        if state is not None:
            state.unlink()
        return self.net.convolutions.eval()

    def one_step(self) -> Tensor:
        """Update once; returns the three losses: contrastive, things, grounds."""
        recipe, gallery, done = self.recipe, self.gallery, self.step / self.steps
        for group in self.optimiser.param_groups:
            group["lr"] = recipe.learning_rate * min(
                1, (self.step + 1) / (0.02 * self.steps), (1 - done) / recipe.decay
            )
        rows = torch.randperm(len(gallery.pictures), generator=self.generator, device=self.device)[
            : recipe.batch // 2
        ]
        pictures = gallery.pictures[rows]
        x = torch.cat([views(pictures, recipe.view_size, self.generator) for _ in range(2)])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            things, grounds, projections = self.net(x)
        contrastive = contrastive_loss(projections, recipe.temperature)
        things = F.cross_entropy(things.float(), gallery.things[rows].repeat(2), label_smoothing=0.1)
        grounds = F.cross_entropy(grounds.float(), gallery.grounds[rows].repeat(2), label_smoothing=0.1)
        self.optimiser.zero_grad(set_to_none=True)
        (contrastive + recipe.class_weight * (things + 0.5 * grounds)).backward()
        self.optimiser.step()
        return torch.stack([contrastive, things, grounds]).detach()

    def save(self, path: Path) -> None:
        state = {
            "recipe": self._signature(),
            "step": self.step,
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "global": torch.get_rng_state(),
        }
        with replacing(path) as part:
            torch.save(state, part)

    def resume(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["recipe"] != self._signature():
            raise ValueError(
                f"{path} was left by another recipe; remove it, or go on with its own: {state['recipe']}"
            )
        self.net.load_state_dict(state["net"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"].cpu())
        torch.set_rng_state(state["global"].cpu())
        self.step = state["step"]

    def _signature(self) -> dict:
        """What must not change on the way; a longer run may go on from a shorter one's steady phase."""
        return {name: value for name, value in asdict(self.recipe).items() if name not in ("views", "decay")}
