"""Since when names of TensorFlow 1.x are gone, and what stands in their place today."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")

_TF_SLIM = "the package tf_slim has most of it"
_SEARCH = "see https://www.tensorflow.org/api_docs/python/tf/compat/v1"

# The beginning of dotted names, with the version of TensorFlow without them; the longest that fits counts.
_GONE: dict[str, tuple[str, str]] = {
    "contrib": ("2.0", "there is no replacement in TensorFlow; write it out in low-level operations"),
    "contrib.layers": ("2.0", "use tf.layers or tf.nn; " + _TF_SLIM),
    "contrib.slim": ("2.0", _TF_SLIM),
    "contrib.slim.nets": ("2.0", "the package tf_slim has it as tf_slim.nets"),
    "contrib.framework": ("2.0", "use tf.train and tf.get_variable; " + _TF_SLIM),
    "contrib.losses": ("2.0", "use tf.losses, whose labels come first"),
    "contrib.metrics": ("2.0", "use tf.metrics"),
    "contrib.learn": ("2.0", "use tf.estimator"),
    "contrib.rnn": ("2.0", "use tf.nn.rnn_cell and tf.nn.dynamic_rnn"),
    "contrib.cudnn_rnn": ("2.0", "use tf.nn.rnn_cell and tf.nn.dynamic_rnn"),
    "contrib.legacy_seq2seq": ("2.0", "write the loop out with tf.nn.rnn_cell"),
    "contrib.seq2seq": ("2.0", "the package tensorflow-addons had it as tfa.seq2seq"),
    "contrib.crf": ("2.0", "the package tensorflow-addons had it as tfa.text"),
    "contrib.image": ("2.0", "the package tensorflow-addons had it as tfa.image; see also tf.image"),
    "contrib.opt": ("2.0", "use tf.train's optimizers; the package tensorflow-addons had others as tfa.optimizers"),
    "contrib.data": ("2.0", "use tf.data and tf.data.experimental"),
    "contrib.summary": ("2.0", "use tf.summary"),
    "contrib.eager": ("2.0", "write it for TensorFlow 2, where eager execution is the rule"),
    "contrib.training": ("2.0", "of it, HParams and create_train_op are given back"),
    "contrib.factorization": ("2.0", "of it, KMeans is given back; the package scikit-learn has more"),
    "contrib.tensor_forest": ("2.0", "use the package tensorflow_decision_forests or scikit-learn"),
    "contrib.boosted_trees": ("2.0", "use the package tensorflow_decision_forests"),
    "contrib.estimator": ("2.0", "use tf.estimator"),
    "contrib.nccl": ("2.0", "use tf.distribute.MirroredStrategy"),
    "contrib.memory_stats": ("2.0", "use tf.config.experimental.get_memory_info"),
    "estimator.BoostedTreesClassifier": ("2.16", "use the package tensorflow_decision_forests"),
    "estimator.BoostedTreesRegressor": ("2.16", "use the package tensorflow_decision_forests"),
    "estimator.DNNLinearCombinedClassifier": ("2.16", "use tf.estimator.DNNClassifier or a model function"),
    "estimator.DNNLinearCombinedRegressor": ("2.16", "use tf.estimator.DNNRegressor or a model function"),
    "contrib.tensorboard": ("2.0", "install tensorboard, which has the projector as tensorboard.plugins.projector"),
    "contrib.distributions": ("2.0", "use tf.distributions or the package tensorflow-probability"),
    "contrib.bayesflow": ("2.0", "use the package tensorflow-probability"),
    "contrib.gan": ("2.0", "use the package tensorflow-gan"),
    "contrib.predictor": ("2.0", "use tf.saved_model.load"),
    "contrib.quantize": ("2.0", "use the package tensorflow-model-optimization"),
    "contrib.tpu": ("2.0", "use tf.distribute.TPUStrategy"),
    "contrib.lookup": ("2.0", "use tf.lookup"),
    "contrib.signal": ("2.0", "use tf.signal"),
    "contrib.ffmpeg": ("2.0", "use tf.audio or the package tensorflow-io"),
    "contrib.keras": ("2.0", "install 'lowlevel-cnn[tf1]', which has Keras 2 (tf_keras)"),
    "examples": ("2.0", "of the tutorials, mnist.input_data and mnist.mnist are given back"),
    "models": ("1.0", "https://github.com/tensorflow/models has what became of it"),
    "layers": ("2.16", "use tf.nn and tf.get_variable, or keras.layers"),
    "estimator": ("2.16", "use tf.train.MonitoredTrainingSession or Keras"),
    "nn.rnn_cell": ("2.16", "use keras.layers"),
    "nn.seq2seq": ("1.0", "write the loop out with tf.nn.rnn_cell"),
    "keras": ("2.16", "it is Keras 3 there; for Keras 2: pip install 'lowlevel-cnn[tf1]'"),
    "keras.estimator": ("2.16", "use the model's own fit, or tf.estimator with a model function"),
    "python": ("", "TensorFlow's private modules change; " + _SEARCH),
    "batch_": ("1.0", "use the function without batch_, which takes batches"),
    "flags.FLAGS": ("1.5", "use tf.flags.FLAGS.flag_values_dict()"),
}

# For a name that is given back: what one writes in new code.
_TODAY: dict[str, str] = {
    "layers": "tf.keras.layers",
    "contrib.layers": "tf.keras.layers",
    "contrib.layers.l1_regularizer": "tf.keras.regularizers.L1",
    "contrib.layers.l2_regularizer": "tf.keras.regularizers.L2, of half the scale",
    "contrib.layers.variance_scaling_initializer": "tf.keras.initializers.VarianceScaling",
    "contrib.layers.xavier_initializer": "tf.keras.initializers.GlorotUniform",
    "contrib.layers.xavier_initializer_conv2d": "tf.keras.initializers.GlorotUniform",
    "contrib.slim": "tf.keras.layers",
    "contrib.framework": "tf.train, tf.get_collection",
    "contrib.losses": "tf.losses, with the labels first",
    "contrib.training": "types.SimpleNamespace",
    "contrib.factorization": "sklearn.cluster.KMeans",
    "contrib.eager": "tf.GradientTape, for element in dataset",
    "contrib.metrics": "tf.metrics, with the labels first",
    "contrib.learn": "tf.keras.Model",
    "contrib.learn.datasets": "tf.keras.datasets",
    "contrib.rnn": "tf.keras.layers",
    "python.ops.rnn_cell": "tf.keras.layers",
    "python.keras": "keras (Keras 3)",
    "nn.rnn_cell": "tf.keras.layers",
    "estimator": "tf.keras.Model",
    "examples.tutorials.mnist": "tf.keras.datasets.mnist",
    "examples.tutorials.mnist.mnist": "tf.keras.layers",
    "keras": "keras (Keras 3)",
    "batch_matmul": "tf.matmul",
    "scalar_summary": "tf.summary.scalar",
    "histogram_summary": "tf.summary.histogram",
    "image_summary": "tf.summary.image",
    "audio_summary": "tf.summary.audio",
}


def gone_names() -> dict[str, tuple[str, str]]:
    """Return the names that are gone, or the beginnings of such names: since which version, and what to do today."""
    return dict(_GONE)


def gone(path: str) -> tuple[str, str]:
    """Since which version a name is gone ('' where no version is known) and what to do today."""
    return _longest(_GONE, path) or ("", "a typing error, or " + _SEARCH)


def today(path: str) -> str:
    """What one writes today in place of a name that is given back; empty where nothing is said of it."""
    return _longest(_TODAY, path) or ""


def _longest(table: dict[str, Value], path: str) -> Value | None:
    fitting = [each for each in table if path == each or path.startswith(each if each[-1] == "_" else f"{each}.")]
    return table[max(fitting, key=len)] if fitting else None
