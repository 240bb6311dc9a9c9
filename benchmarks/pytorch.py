"""A contender: PyTorch, in the variants `eager`, `channels-last` and `compiled`, averages by `AveragedModel`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from benchmarks.contest import Outcome, Task, arguments, task
from benchmarks.networks import Convolution, Dense, Dropout, Network
from benchmarks.turns import Turns

VARIANTS = ("eager", "channels-last", "compiled")


def build(network: Network, images: torch.Tensor) -> nn.Sequential:
    """The network for images of this shape, with the initial values of ours."""
    layers: list[nn.Module] = []
    flat = False
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Dense) and not flat:
            layers.append(nn.Flatten())
            flat = True
        width = nn.Sequential(*layers)(images[:1]).shape[1]
        if isinstance(layer, Convolution):
            layers += [nn.Conv2d(width, layer.deep, layer.size, padding=layer.padding), nn.ReLU()]
        elif isinstance(layer, Dense):
            layers.append(nn.Linear(width, layer.size))
            if place < len(network.layers) - 1:
                layers.append(nn.ReLU())
        elif isinstance(layer, Dropout):
            layers.append(nn.Dropout(layer.rate))
        else:
            layers.append(nn.MaxPool2d(2))
    built = nn.Sequential(*layers)
    for each in built:
        if isinstance(each, (nn.Conv2d, nn.Linear)):
            _initialize(each, network.initial_values)
    return built


def _initialize(layer: nn.Conv2d | nn.Linear, initial_values: str) -> None:
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    if initial_values == "book":
        nn.init.trunc_normal_(layer.weight, std=0.1, a=-0.2, b=0.2)
        if isinstance(layer, nn.Linear):
            nn.init.constant_(layer.bias, 0.1)
    elif initial_values in ("normal", "small-normal"):
        nn.init.normal_(layer.weight, std=0.1 if initial_values == "normal" else 0.01)
        nn.init.normal_(layer.bias, std=1)
    elif initial_values == "glorot":
        nn.init.xavier_uniform_(layer.weight)
    else:
        nn.init.kaiming_normal_(layer.weight)


def shifted(images: torch.Tensor, pixels: int) -> torch.Tensor:
    """Images `[batch, 1, height, width]`, each shifted at random by up to `pixels`, with zeros at the edges."""
    count, _, height, width = images.shape
    padded = functional.pad(images, [pixels] * 4)[:, 0]
    offsets = torch.randint(2 * pixels + 1, (2, count, 1), device=images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)
    columns = offsets[1] + torch.arange(width, device=images.device)
    each = torch.arange(count, device=images.device)[:, None, None]
    return padded[each, rows[:, :, None], columns[:, None, :]][:, None]


def _optimizer(network: nn.Sequential, task: Task) -> torch.optim.Optimizer:
    """Weight decay is the gradient of the L2 term, which the sources put on the fully connected weights alone."""
    dense = [each.weight for each in network if isinstance(each, nn.Linear)]
    others = [each for each in network.parameters() if all(each is not weight for weight in dense)]
    groups = [{"params": dense, "weight_decay": task.model.regularization_rate}, {"params": others}]
    rate = task.model.learning_rate_base
    if task.model.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, rate, alpha=0.9)
    return torch.optim.Adam(groups, rate) if task.model.optimizer == "adam" else torch.optim.SGD(groups, rate)


def train(task: Task, variant: str, turns: Turns) -> nn.Module:
    """Train in turns, on a GPU if there is one, and return the network."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    images = torch.from_numpy(task.images.transpose(0, 3, 1, 2).copy())
    labels = torch.from_numpy(task.labels)
    network = build(task.network, images)
    assert sum(each.numel() for each in network.parameters()) == task.model.parameters
    layout: dict[str, Any] = {"memory_format": torch.channels_last} if variant == "channels-last" else {}
    network.to(device=device, **layout)
    optimizer = _optimizer(network, task)
    averages = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(task.model.moving_average_decay))
    called: Any = torch.compile(network) if variant == "compiled" else network

    batches = torch.randperm(len(images)).split(task.model.batch_size)[:-1]
    step = 0
    while turns.another_step():
        chosen = batches[step % len(batches)]
        seen = images[chosen].to(device)
        if task.network.shift:
            seen = shifted(seen, task.network.shift)
        optimizer.zero_grad()
        logits = called(seen.to(device=device, **layout))
        loss = functional.cross_entropy(logits, labels[chosen].to(device))
        loss.backward()
        optimizer.step()
        averages.update_parameters(network)
        # Every loop looks at its loss, if only to stop where it is not finite.
        assert torch.isfinite(loss)
        step += 1
    return network.cpu()


def main() -> None:
    """Trains in turns and says the outcome."""
    flags, turns = arguments(__doc__), Turns()
    given = task(flags)
    torch.manual_seed(0)
    network = train(given, flags.variant, turns)
    network.eval()
    with torch.no_grad():
        images = torch.from_numpy(given.test_images.transpose(0, 3, 1, 2).copy())
        logits = torch.cat([network(batch) for batch in images.split(1_000)])
        loss = functional.cross_entropy(logits, torch.from_numpy(given.test_labels))
    turns.say(asdict(Outcome(float(loss), {"torch": torch.__version__})))


if __name__ == "__main__":
    main()
