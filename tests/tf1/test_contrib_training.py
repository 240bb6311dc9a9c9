"""`tf.contrib.training.HParams`: values by name, from a text, each of the type that it has first."""

from __future__ import annotations

import copy
import json

import pytest

from lowlevel_cnn.tf1.contrib_training import HParams, parse_values


def made() -> HParams:
    return HParams(learning_rate=0.1, layers=[32, 64], activation="relu", augment=True, steps=10, clip=None)


def test_a_text_sets_hyper_parameters_in_their_types() -> None:
    hparams = made().parse("learning_rate=1,layers=[8,16,32],activation=elu,augment=false,steps=3,clip=x")
    assert hparams.values() == {
        "learning_rate": 1.0,
        "layers": [8, 16, 32],
        "activation": "elu",
        "augment": False,
        "steps": 3,
        "clip": "x",
    }
    assert isinstance(hparams.learning_rate, float) and isinstance(hparams.layers[0], int)


def test_they_are_attributes_and_can_be_added_set_and_removed() -> None:
    hparams = made()
    hparams.add_hparam("decay", 0.5)
    hparams.set_hparam("learning_rate", 1)
    hparams.override_from_dict({"steps": 4}).del_hparam("clip")
    assert (hparams.decay, hparams.learning_rate, hparams.steps) == (0.5, 1.0, 4)
    assert "decay" in hparams and "clip" not in hparams and hparams.get("clip", 7) == 7
    assert json.loads(hparams.to_json()) == hparams.values()
    assert str(hparams).startswith("[('activation', 'relu'), ('augment', True)")
    assert copy.deepcopy(hparams).values() == hparams.values() and not hasattr(hparams, "unknown")
    assert made().parse_json('{"steps": 5}').steps == 5


@pytest.mark.parametrize("text", ["epochs=3", "steps", "augment=perhaps", "steps=many"])
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hparam|hyperparameter|invalid literal"):
        made().parse(text)


def test_a_value_of_another_type_is_refused() -> None:
    for name, value in (("steps", "3"), ("layers", 3), ("activation", 1)):
        with pytest.raises(ValueError, match=name):
            made().set_hparam(name, value)
    with pytest.raises(ValueError, match="reserved"):
        made().add_hparam("steps", 1)


def test_values_can_be_read_by_a_map_of_types() -> None:
    assert parse_values("a=1,b=[2,3]", {"a": float, "b": list}) == {"a": 1.0, "b": [2, 3]}
