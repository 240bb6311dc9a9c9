"""The convolutional networks of the TensorFlow 1.x textbooks, low-level, on today's TensorFlow."""

import sys

from lowlevel_cnn.system.signals import exit_on_signals

__version__ = "0.1.0"

if sys.argv[:1] == ["-m"] and any(word.startswith(__name__) for word in sys.orig_argv):
    # This is `python -m lowlevel_cnn...`, about to be loaded: handle Ctrl-C as early as possible.
    exit_on_signals()
