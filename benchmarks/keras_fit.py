"""A contender: Keras 3, `fit` with its defaults, moving averages by the optimizer's own `use_ema`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from benchmarks.contest import Outcome, Task, arguments, task
from benchmarks.networks import Convolution, Dense, Dropout
from benchmarks.turns import Turns
from lowlevel_cnn.models import Model

# More than any number of turns needs.
EPOCHS = 1_000
_WEIGHTS: dict[str, Any] = {
    "book": keras.initializers.TruncatedNormal(stddev=0.1),
    "normal": keras.initializers.RandomNormal(stddev=0.1),
    "small-normal": keras.initializers.RandomNormal(stddev=0.01),
    "glorot": keras.initializers.GlorotUniform(),
    "he": keras.initializers.HeNormal(),
}
_BIASES: dict[str, Any] = {
    "book": keras.initializers.Constant(0.1),
    "normal": keras.initializers.RandomNormal(stddev=1),
    "small-normal": keras.initializers.RandomNormal(stddev=1),
}


def build(task: Task) -> keras.Model:
    """The compiled model."""
    network, model = task.network, task.model
    layers: list[Any] = [keras.Input(task.images.shape[1:])]
    if network.shift:
        most = network.shift / task.images.shape[1]
        layers.append(keras.layers.RandomTranslation(most, most, fill_mode="constant"))
    flat = False
    for place, layer in enumerate(network.layers):
        weights, biases = _WEIGHTS[network.initial_values], _BIASES.get(network.initial_values, "zeros")
        initial = {"kernel_initializer": weights, "bias_initializer": biases}
        if isinstance(layer, Convolution):
            # The book's convolutions have biases of zero.
            initial["bias_initializer"] = "zeros" if network.initial_values == "book" else biases
            layers.append(
                keras.layers.Conv2D(layer.deep, layer.size, padding=layer.padding, activation="relu", **initial)
            )
        elif isinstance(layer, Dense):
            if not flat:
                layers.append(keras.layers.Flatten())
                flat = True
            last = place == len(network.layers) - 1
            # Keras has no half in its L2.
            regularizer = keras.regularizers.L2(model.regularization_rate / 2) if model.regularization_rate else None
            activation = None if last else "relu"
            layers.append(keras.layers.Dense(layer.size, activation, kernel_regularizer=regularizer, **initial))
        elif isinstance(layer, Dropout):
            layers.append(keras.layers.Dropout(layer.rate))
        else:
            layers.append(keras.layers.MaxPooling2D(2))
    built = keras.Sequential(layers)
    # `RandomTranslation` counts the state of its random numbers, though nothing trains it.
    trained = sum(int(np.prod(each.shape)) for each in built.trainable_weights)
    assert trained == model.parameters, trained
    built.compile(_optimizer(model, len(task.images)), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return built


def _optimizer(model: Model, count: int) -> keras.optimizers.Optimizer:
    averages = {"use_ema": True, "ema_momentum": model.moving_average_decay}
    if model.optimizer == "adam":
        return keras.optimizers.Adam(model.learning_rate_base, **averages)
    if model.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(model.learning_rate_base, **averages)
    rate = keras.optimizers.schedules.ExponentialDecay(
        model.learning_rate_base, count // model.batch_size, model.learning_rate_decay, staircase=True
    )
    return keras.optimizers.SGD(rate, **averages)


class _InTurns(keras.callbacks.Callback):  # type: ignore[misc]
    """Waits for turns before batches, and scores the weights before Keras puts the averages in their place."""

    def __init__(self, task: Task, turns: Turns) -> None:
        super().__init__()
        self._task, self._turns = task, turns
        self.test_loss = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if not self.model.stop_training and not self._turns.another_step():
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.model.stop_training:
            logits = self.model.predict(self._task.test_images, verbose=0)
            losses = keras.losses.sparse_categorical_crossentropy(self._task.test_labels, logits, from_logits=True)
            self.test_loss = float(keras.ops.mean(losses))


def main() -> None:
    """Trains in turns and says the outcome."""
    turns = Turns()
    given = task(arguments(__doc__))
    keras.utils.set_random_seed(0)
    watch = _InTurns(given, turns)
    batch = given.model.batch_size
    build(given).fit(given.images, given.labels, batch_size=batch, epochs=EPOCHS, verbose=0, callbacks=[watch])
    versions = {"keras": keras.__version__, "backend": keras.backend.backend()}
    turns.say(asdict(Outcome(watch.test_loss, versions)))


if __name__ == "__main__":
    main()
