"""`tf.estimator.export`: what a served model takes and gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = [
    "ClassificationOutput",
    "ExportOutput",
    "PredictOutput",
    "RegressionOutput",
    "ServingInputReceiver",
    "TensorServingInputReceiver",
    "build_parsing_serving_input_receiver_fn",
    "build_raw_serving_input_receiver_fn",
]


class _Receiver(NamedTuple):
    features: Any
    receiver_tensors: dict[str, Any]
    receiver_tensors_alternatives: dict[str, dict[str, Any]] | None = None


class ServingInputReceiver(_Receiver):
    """The placeholders that requests are fed to, and the features that the model function makes of them.

    A single tensor of features becomes `{"feature": tensor}`, a single placeholder `{"input": placeholder}`.
    """

    __slots__ = ()

    def __new__(
        cls,
        features: Any,
        receiver_tensors: Any,
        receiver_tensors_alternatives: dict[str, dict[str, Any]] | None = None,
    ) -> ServingInputReceiver:
        features = features if isinstance(features, Mapping) else {"feature": features}
        return super().__new__(cls, features, _named(receiver_tensors), receiver_tensors_alternatives)


class TensorServingInputReceiver(_Receiver):
    """As `ServingInputReceiver`, for a model function whose features are one tensor."""

    __slots__ = ()

    def __new__(
        cls,
        features: Any,
        receiver_tensors: Any,
        receiver_tensors_alternatives: dict[str, dict[str, Any]] | None = None,
    ) -> TensorServingInputReceiver:
        return super().__new__(cls, features, _named(receiver_tensors), receiver_tensors_alternatives)


def _named(receiver_tensors: Any) -> dict[str, Any]:
    return dict(receiver_tensors) if isinstance(receiver_tensors, Mapping) else {"input": receiver_tensors}


def build_raw_serving_input_receiver_fn(
    features: Mapping[str, Any], default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """Return a function that makes a placeholder for each feature, of its type and its shape after the first axis."""
    described = {
        name: (each.dtype, [default_batch_size, *each.shape.as_list()[1:]], each.op.name)
        for name, each in features.items()
    }

    def serving_input_receiver_fn() -> ServingInputReceiver:
        made = {name: tf.placeholder(*each) for name, each in described.items()}
        return ServingInputReceiver(made, made)

    return serving_input_receiver_fn


def build_parsing_serving_input_receiver_fn(
    feature_spec: Mapping[str, Any], default_batch_size: int | None = None
) -> Callable[[], ServingInputReceiver]:
    """Return a function that makes a placeholder for serialized `tf.train.Example`s and parses them."""

    def serving_input_receiver_fn() -> ServingInputReceiver:
        examples = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return ServingInputReceiver(tf.parse_example(examples, dict(feature_spec)), {"examples": examples})

    return serving_input_receiver_fn


class ExportOutput(ABC):
    """What a signature of a served model gives."""

    @abstractmethod
    def signature(self, receiver_tensors: dict[str, Any]) -> Any:
        """Return the signature that leads from these placeholders to the output.

        Raises ValueError where the kind of signature cannot take them.
        """


class PredictOutput(ExportOutput):
    """Any tensors, by name."""

    def __init__(self, outputs: Any) -> None:
        self.outputs = dict(outputs) if isinstance(outputs, Mapping) else {"output": outputs}

    def signature(self, receiver_tensors: dict[str, Any]) -> Any:
        return tf.saved_model.predict_signature_def(receiver_tensors, self.outputs)


class ClassificationOutput(ExportOutput):
    """The scores of the classes, their names, or both; requests are serialized examples."""

    def __init__(self, scores: Any = None, classes: Any = None) -> None:
        if scores is None and classes is None:
            raise ValueError("At least one of scores and classes must be set.")
        self.scores, self.classes = scores, classes

    def signature(self, receiver_tensors: dict[str, Any]) -> Any:
        examples = _serialized(receiver_tensors)
        return tf.saved_model.classification_signature_def(examples, self.classes, self.scores)


class RegressionOutput(ExportOutput):
    """A float for each example; requests are serialized examples."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def signature(self, receiver_tensors: dict[str, Any]) -> Any:
        return tf.saved_model.regression_signature_def(_serialized(receiver_tensors), self.value)


def _serialized(receiver_tensors: dict[str, Any]) -> Any:
    """Return the only placeholder, one for serialized examples."""
    tensors = list(receiver_tensors.values())
    if len(tensors) != 1 or tensors[0].dtype != tf.string:
        raise ValueError(f"needs one string tensor of serialized examples, given: {receiver_tensors}")
    return tensors[0]
