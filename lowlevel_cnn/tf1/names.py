"""The tables of names: what stands for a module of TensorFlow 1.x, what was renamed, what is gone and what to use now.

All are dotted names below `tensorflow`, such as `contrib.layers`.
"""

from __future__ import annotations

_TF1 = "lowlevel_cnn.tf1."

# For each module that TensorFlow has no more, the modules that have its names; the first that is there and has one.
AREAS: dict[str, tuple[str, ...]] = {
    "layers": (f"{_TF1}layers",),
    "contrib.layers": (f"{_TF1}contrib_layers",),
    "contrib.layers.python.layers": (f"{_TF1}contrib_layers",),
    "contrib.layers.python.layers.layers": (f"{_TF1}contrib_layers",),
    "contrib.slim": (f"{_TF1}slim",),
    "estimator": (f"{_TF1}estimator",),
    "nn.rnn_cell": (f"{_TF1}rnn_cell",),
    "contrib.rnn": (f"{_TF1}rnn_cell", f"{_TF1}rnn_cell.contrib"),
    "models.rnn.rnn_cell": (f"{_TF1}rnn_cell",),
    "python.ops.rnn_cell": (f"{_TF1}rnn_cell",),
    "examples.tutorials.mnist.input_data": (f"{_TF1}input_data",),
    "examples.tutorials.mnist.mnist": (f"{_TF1}tutorial_mnist",),
    "contrib.learn": (f"{_TF1}contrib_learn",),
    "contrib.learn.python.learn.estimators.model_fn": (f"{_TF1}contrib_learn",),
    "contrib.learn.datasets": (f"{_TF1}learn_datasets",),
    "contrib.learn.python.learn.datasets": (f"{_TF1}learn_datasets",),
    "contrib.framework": (f"{_TF1}contrib_framework",),
    "contrib.framework.python.ops": (f"{_TF1}contrib_framework",),
    "contrib.losses": (f"{_TF1}contrib_losses",),
    "contrib.metrics": (f"{_TF1}contrib_metrics",),
    "contrib.training": (f"{_TF1}contrib_training",),
    "contrib.training.python.training.hparam": (f"{_TF1}contrib_training",),
    "contrib.factorization": (f"{_TF1}contrib_factorization",),
    "contrib.eager": (f"{_TF1}contrib_eager",),
    "contrib.eager.python.tfe": (f"{_TF1}contrib_eager",),
    "keras": (f"{_TF1}keras2",),
    "contrib.keras": (f"{_TF1}keras2",),
    "python.keras": (f"{_TF1}keras2",),
    "contrib.tensorboard.plugins.projector": ("tensorboard.plugins.projector", f"{_TF1}projector"),
    **dict.fromkeys(
        (
            "contrib.rnn.python.ops.core_rnn_cell",
            "contrib.rnn.python.ops.core_rnn_cell_impl",
            "contrib.rnn.python.ops.rnn_cell",
            "python.ops.rnn_cell_impl",
        ),
        (f"{_TF1}rnn_cell",),
    ),
    **dict.fromkeys(
        ("python.layers.base", "python.layers.convolutional", "python.layers.core", "python.layers.layers"),
        (f"{_TF1}layers",),
    ),
    "contrib.framework.python.ops.variables": (f"{_TF1}contrib_framework",),
    "contrib.layers.python.layers.initializers": (f"{_TF1}contrib_layers",),
    "contrib.layers.python.layers.regularizers": (f"{_TF1}contrib_layers",),
    "contrib.layers.python.layers.utils": (f"{_TF1}slim.utils",),
}

# Today's name of what was renamed, or moved out of `contrib`, with its arguments unchanged.
RENAMED: dict[str, str] = {
    "sub": "subtract",
    "mul": "multiply",
    "neg": "negative",
    "pack": "stack",
    "unpack": "unstack",
    "inv": "reciprocal",
    "select": "where",
    "complex_abs": "abs",
    "listdiff": "setdiff1d",
    "concat_v2": "concat",
    "split_v": "split",
    "reverse_v2": "reverse",
    "merge_summary": "summary.merge",
    "merge_all_summaries": "summary.merge_all",
    "train.SummaryWriter": "summary.FileWriter",
    "train.SummaryWriterCache": "summary.FileWriterCache",
    "image.per_image_whitening": "image.per_image_standardization",
    "image.random_crop": "random_crop",
    "nn.rnn": "nn.static_rnn",
    "nn.bidirectional_rnn": "nn.static_bidirectional_rnn",
    "nn.state_saving_rnn": "nn.static_state_saving_rnn",
    "batch_matrix_band_part": "matrix_band_part",
    "batch_matrix_diag": "matrix_diag",
    "batch_matrix_diag_part": "matrix_diag_part",
    "batch_matrix_set_diag": "matrix_set_diag",
    "batch_matrix_transpose": "matrix_transpose",
    "batch_matrix_determinant": "matrix_determinant",
    "batch_matrix_inverse": "matrix_inverse",
    "batch_matrix_solve": "matrix_solve",
    "batch_matrix_solve_ls": "matrix_solve_ls",
    "batch_matrix_triangular_solve": "matrix_triangular_solve",
    "batch_cholesky": "cholesky",
    "batch_cholesky_solve": "cholesky_solve",
    "batch_self_adjoint_eig": "self_adjoint_eig",
    "batch_self_adjoint_eigvals": "self_adjoint_eigvals",
    "batch_svd": "svd",
    "batch_fft": "fft",
    "batch_fft2d": "fft2d",
    "batch_fft3d": "fft3d",
    "batch_ifft": "ifft",
    "batch_ifft2d": "ifft2d",
    "batch_ifft3d": "ifft3d",
    "models.rnn.rnn": "nn",
    "contrib.framework.assert_global_step": "train.assert_global_step",
    "contrib.framework.init_from_checkpoint": "train.init_from_checkpoint",
    "contrib.framework.list_variables": "train.list_variables",
    "contrib.framework.load_checkpoint": "train.load_checkpoint",
    "contrib.framework.load_variable": "train.load_variable",
    "contrib.framework.is_tensor": "is_tensor",
    "contrib.framework.nest": "nest",
    "contrib.util.make_tensor_proto": "make_tensor_proto",
    "contrib.util.make_ndarray": "make_ndarray",
    "contrib.util.constant_value": "get_static_value",
    "contrib.eager.enable_eager_execution": "enable_eager_execution",
    "contrib.eager.executing_eagerly": "executing_eagerly",
    "contrib.eager.in_eager_mode": "executing_eagerly",
    "contrib.eager.GradientTape": "GradientTape",
    "contrib.eager.Variable": "Variable",
    "contrib.eager.Checkpoint": "train.Checkpoint",
    "contrib.eager.defun": "function",
    "contrib.eager.py_func": "py_function",
    "contrib.lite": "lite",
    "contrib.distribute": "distribute",
    "contrib.data.Dataset": "data.Dataset",
    "contrib.data.Iterator": "data.Iterator",
    "contrib.data.TFRecordDataset": "data.TFRecordDataset",
    "contrib.data.TextLineDataset": "data.TextLineDataset",
    "contrib.data.FixedLengthRecordDataset": "data.FixedLengthRecordDataset",
    "contrib.data.map_and_batch": "data.experimental.map_and_batch",
    "contrib.data.shuffle_and_repeat": "data.experimental.shuffle_and_repeat",
    "contrib.data.prefetch_to_device": "data.experimental.prefetch_to_device",
    "contrib.data.ignore_errors": "data.experimental.ignore_errors",
    "contrib.data.parallel_interleave": "data.experimental.parallel_interleave",
}


def given_back() -> list[str]:
    """All names of the tables."""
    return [*AREAS, *RENAMED]


def is_branch(path: str) -> bool:
    """Whether names of the tables begin with this one."""
    return any(each.startswith(f"{path}.") for each in given_back())
