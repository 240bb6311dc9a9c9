"""PyTorch's own MNIST example network and settings, until an accuracy on the test images is reached."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from benchmarks.goal import arguments, reach
from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import Split

MOST_EPOCHS = 14
# The example's own: mean and standard deviation of the training pixels.
_MEAN, _DEVIATION = 0.1307, 0.3081


def _tensors(split: Split) -> tuple[torch.Tensor, torch.Tensor]:
    images = torch.from_numpy(split.images.transpose(0, 3, 1, 2).copy()).float() / 255
    return (images - _MEAN) / _DEVIATION, torch.from_numpy(split.labels.astype("int64"))


def main() -> None:
    """Trains, scores after each epoch, says when the goal is reached."""
    flags = arguments(__doc__)
    torch.manual_seed(flags.seed)
    data = datasets.load("mnist", flags.data_dir, validation_count=0)
    (images, labels), (test_images, test_labels) = _tensors(data.train), _tensors(data.test)
    network = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)

    def epoch() -> float:
        network.train()
        for chosen in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        scheduler.step()
        network.eval()
        with torch.no_grad():
            classes = torch.cat([network(each).argmax(1) for each in test_images.split(1000)])
        return float((classes == test_labels).float().mean())

    reach(flags.goal, MOST_EPOCHS, epoch)


if __name__ == "__main__":
    main()
