"""Lines of `tf.logging` are printed once, in the form of TensorFlow 1.x."""

from __future__ import annotations

import io
import logging

import pytest

from lowlevel_cnn.tf1.log_lines import print_each_line_once


def printed(monkeypatch: pytest.MonkeyPatch, root_handler: logging.Handler) -> str:
    """What TensorFlow's logger prints through its own handler, and through that of the root logger."""
    stream = io.StringIO()
    own = logging.StreamHandler(stream)
    own.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    logger = logging.getLogger("tensorflow")
    for each, handlers in ((logger, [own]), (logging.getLogger(), [root_handler])):
        monkeypatch.setattr(each, "handlers", handlers)
    for name, value in (("propagate", True), ("disabled", False), ("level", logging.INFO), ("_cache", {})):
        monkeypatch.setattr(logger, name, value)
    print_each_line_once()
    logger.info("loss = %s, step = %s", 2.36026, 1)
    return stream.getvalue()


def test_absl_does_not_print_a_line_again(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    absl_logging = pytest.importorskip("absl.logging")
    handler = absl_logging.get_absl_handler()
    assert printed(monkeypatch, handler) == "INFO:tensorflow:loss = 2.36026, step = 1\n"
    assert capfd.readouterr().err == ""


def test_a_handler_of_the_programs_own_gets_the_lines_too(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    assert printed(monkeypatch, logging.StreamHandler(log)) == "INFO:tensorflow:loss = 2.36026, step = 1\n"
    assert log.getvalue() == "loss = 2.36026, step = 1\n"
