"""A command's flags become its options and nothing else, and options can be written as flags again."""

from __future__ import annotations

import dataclasses
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowlevel_cnn import datasets, models
from lowlevel_cnn.commands import parser
from lowlevel_cnn.commands.command_line import command_line
from lowlevel_cnn.runs.options import EvalOptions, TrainOptions

NEEDED = {
    "export": ["--checkpoint-dir", "run", "--output", "out"],
    "plot": ["--checkpoint-dir", "run", "--output", "out"],
    "draw": ["--checkpoint-dir", "run"],
    "predict": ["--checkpoint-dir", "run"],
    "inspect": ["run"],
    "data": ["mnist"],
    "tf1": ["train.py"],
}
# Characters that a shell, argparse or a path might stumble over, and a `~` that is not at the beginning.
PATHS = st.text(string.ascii_letters + " =-'\"\\/.~$*?书", min_size=1).filter(lambda text: not text.startswith("~"))
POSITIVE = st.floats(min_value=1e-300, max_value=1e8, exclude_min=True)
RUN: dict[str, st.SearchStrategy[Any]] = {
    "model": st.sampled_from(models.all_names()),
    "dataset": st.sampled_from(datasets.NAMES),
    "checkpoint_dir": PATHS,
    "lines": st.sampled_from(models.LINES),
}
# Not both: nothing is downloaded into a folder that is given.
PLACES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), st.builds(lambda value: {"data_dir": value}, PATHS), st.builds(lambda value: {"mirror": value}, PATHS)
)


def whole(least: int) -> st.SearchStrategy[int]:
    return st.integers(least, 2**31 - 1)


TRAIN = {
    **RUN,
    **dict.fromkeys(("steps", "batch_size", "save_every", "keep", "log_every", "profile"), whole(1)),
    **dict.fromkeys(("log_probabilities_every",), whole(1)),
    **dict.fromkeys(("seed", "summary_every"), whole(0)),
    **dict.fromkeys(("sync", "fresh"), st.booleans()),
    "learning_rate": POSITIVE,
}
EVAL = {
    **RUN,
    "split": st.sampled_from(("validation", "test")),
    "weights": st.sampled_from(("average", "raw")),
    "top": st.integers(1, 10),
    "loss": st.booleans(),
    "all": st.booleans(),
    "interval_secs": POSITIVE,
    "timeout_secs": POSITIVE,
    "from_steps": whole(0),
    "until_steps": whole(1),
}


@pytest.mark.parametrize("name", parser.COMMANDS)
def test_the_defaults_of_a_command_s_flags_are_those_of_its_options(name: str) -> None:
    options = parser.parse([name, *NEEDED.get(name, [])]).options
    for part in (options.train, options.eval) if name == "run" else (options,):
        for field in dataclasses.fields(part):
            if field.default is not dataclasses.MISSING:
                value, default = getattr(part, field.name), field.default
                assert (tuple(value) if isinstance(value, list) else value) == default, field.name


@pytest.mark.parametrize("name", parser.COMMANDS)
def test_options_cannot_be_changed_once_they_are_made(name: str) -> None:
    options = parser.parse([name, *NEEDED.get(name, [])]).options
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(options, dataclasses.fields(options)[0].name, None)


def test_every_option_of_training_and_of_evaluation_is_tried() -> None:
    for kind, tried in ((TrainOptions, TRAIN), (EvalOptions, EVAL)):
        names = {field.name for field in dataclasses.fields(kind)}
        assert names - set(tried) <= {"data_dir", "mirror", "once"}


@given(st.fixed_dictionaries({}, optional=TRAIN), PLACES)
def test_a_training_s_options_are_the_same_after_they_were_written_as_a_command_line_and_parsed(
    values: dict[str, Any], place: dict[str, Any]
) -> None:
    options = TrainOptions(**values, **place)
    assert parser.parse(["train", *command_line(options)]).options == options


@given(st.fixed_dictionaries({}, optional=EVAL), PLACES)
def test_an_evaluation_s_options_are_the_same_after_they_were_written_as_a_command_line_and_parsed(
    values: dict[str, Any], place: dict[str, Any]
) -> None:
    options = EvalOptions(**values, **place)
    assert parser.parse(["eval", *command_line(options)]).options == options


def test_once_is_written_too() -> None:
    assert command_line(EvalOptions(once=True)) == ["--once"]
