"""`tf.estimator` of TensorFlow 1.x, on the monitored sessions of its low-level interface.

estimator.py             Estimator: a model function with the directory that it is trained in
specification.py         EstimatorSpec and ModeKeys: what a model function returns, and what for
run_configuration.py     RunConfig: how often to save, to summarize, to log
building.py              the graph of a call: inputs and model function called with what they ask for
training.py  saving.py   training, and its checkpoints
evaluating.py  predicting.py  exporting.py       the other three things that an estimator does
train_and_evaluate.py  exporters.py              training with evaluations and exports at its checkpoints
inputs.py  export.py     tf.estimator.inputs and tf.estimator.export
canned.py  heads.py      DNNClassifier and its kin: their logits; their losses, metrics and predictions
"""

from __future__ import annotations

from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1 import gone
from lowlevel_cnn.tf1.estimator import export, inputs
from lowlevel_cnn.tf1.estimator.canned import DNNClassifier, DNNRegressor, LinearClassifier, LinearRegressor
from lowlevel_cnn.tf1.estimator.estimator import Estimator
from lowlevel_cnn.tf1.estimator.exporters import Exporter, FinalExporter, LatestExporter
from lowlevel_cnn.tf1.estimator.run_configuration import RunConfig
from lowlevel_cnn.tf1.estimator.specification import EstimatorSpec, ModeKeys
from lowlevel_cnn.tf1.estimator.train_and_evaluate import EvalSpec, TrainSpec, train_and_evaluate
from lowlevel_cnn.tf1.estimator.training import WarmStartSettings

# The hooks have both names, `tf.train.LoggingTensorHook` and `tf.estimator.LoggingTensorHook`.
_HOOKS = (
    "CheckpointSaverHook",
    "CheckpointSaverListener",
    "FeedFnHook",
    "FinalOpsHook",
    "GlobalStepWaiterHook",
    "LoggingTensorHook",
    "NanLossDuringTrainingError",
    "NanTensorHook",
    "ProfilerHook",
    "SecondOrStepTimer",
    "SessionRunArgs",
    "SessionRunContext",
    "SessionRunHook",
    "SessionRunValues",
    "StepCounterHook",
    "StopAtStepHook",
    "SummarySaverHook",
)

__all__ = [
    "DNNClassifier",
    "DNNRegressor",
    "Estimator",
    "EstimatorSpec",
    "EvalSpec",
    "Exporter",
    "FinalExporter",
    "LatestExporter",
    "LinearClassifier",
    "LinearRegressor",
    "ModeKeys",
    "RunConfig",
    "TrainSpec",
    "WarmStartSettings",
    "export",
    "inputs",
    "train_and_evaluate",
    *_HOOKS,
]


def __getattr__(name: str) -> Any:
    if name in _HOOKS:
        return getattr(tf.train, name)
    raise gone.missing("estimator", name)
