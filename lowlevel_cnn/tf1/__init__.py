"""TensorFlow 1.x for the reader's own code: `import lowlevel_cnn.tf1 as tf` in place of `import tensorflow as tf`.

    import lowlevel_cnn.tf1 as tf                    # tf.placeholder, tf.layers.dense, tf.contrib.slim, ...

    import lowlevel_cnn.tf1; lowlevel_cnn.tf1.install()       # or so: from here on the old imports work as they stand
    import tensorflow as tf
    from tensorflow.examples.tutorials.mnist import input_data

Importing this package changes nothing. The first use of an attribute, and `install()`, switch TensorFlow's 2.x
behaviour off for the whole process: in a notebook that uses eager TensorFlow 2 as well, neither has a place.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

__all__ = ["install"]


def install() -> None:
    """Let `import tensorflow`, in the caller's own code and from here on, mean TensorFlow 1.x.

    Libraries keep the real TensorFlow: what counts is which file imports.
    """
    from lowlevel_cnn.tf1 import imports, namespace

    namespace.prepare()
    imports.install()


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if importlib.util.find_spec(f"{__name__}.{name}"):
        # `from lowlevel_cnn.tf1 import layers`; `layers` and `estimator` are names of TensorFlow 1.x, too.
        return importlib.import_module(f"{__name__}.{name}")
    from lowlevel_cnn.tf1 import namespace

    value = globals()[name] = getattr(namespace.ROOT, name)
    return value
