"""Measurements of speed, memory and accuracy, each a program of its own: `python -m benchmarks`."""

from lowlevel_cnn.commands.console import quiet_libraries

quiet_libraries()
