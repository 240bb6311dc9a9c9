"""Keras's own MNIST example network and settings, until an accuracy on the test images is reached."""

from __future__ import annotations

import keras
import numpy as np

from benchmarks.goal import arguments, reach
from lowlevel_cnn import datasets

MOST_EPOCHS = 30


def main() -> None:
    """Trains, scores after each epoch, says when the goal is reached."""
    flags = arguments(__doc__)
    keras.utils.set_random_seed(flags.seed)
    data = datasets.load("mnist", flags.data_dir, validation_count=6_000)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    images, labels = data.train.images.astype(np.float32) / 255, data.train.labels
    test_images, test_labels = data.test.images.astype(np.float32) / 255, data.test.labels

    def epoch() -> float:
        model.fit(images, labels, batch_size=128, verbose=0)
        return float(model.evaluate(test_images, test_labels, verbose=0)[1])

    reach(flags.goal, MOST_EPOCHS, epoch)


if __name__ == "__main__":
    main()
