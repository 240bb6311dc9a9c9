"""Functions and methods that NumPy had, while a script runs and not afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowlevel_cnn.tf1 import numpy_calls


def test_calls_of_those_years_work_while_it_lasts(tmp_path: Path) -> None:
    before = np.reshape, np.load, hasattr(np, "asscalar"), hasattr(np.ndarray, "tostring")
    with numpy_calls.as_they_were():
        numbers = np.arange(6)
        assert np.reshape(numbers, newshape=[2, 3]).shape == (2, 3)  # type: ignore[call-overload]
        assert np.reshape(numbers, (3, 2)).shape == (3, 2)
        assert numbers.tostring() == numbers.tobytes()  # type: ignore[attr-defined]
        read = np.fromstring(numbers.tobytes(), dtype=np.int64)  # type: ignore[call-overload]
        read[0] = 9
        assert read.tolist() == [9, 1, 2, 3, 4, 5] and np.fromstring("1 2", sep=" ").tolist() == [1, 2]
        assert np.in1d([[1], [7]], numbers).tolist() == [True, False]  # type: ignore[attr-defined]
        assert np.asscalar(np.array([2.5])) == 2.5 and np.rank(np.eye(2)) == 2  # type: ignore[attr-defined]
        drawn = np.random.random_integers(3, size=200)
        assert set(drawn.tolist()) == {1, 2, 3}
        np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object))
        assert np.load(tmp_path / "x.npy")[0] == {"a": 1}
    assert before == (np.reshape, np.load, hasattr(np, "asscalar"), hasattr(np.ndarray, "tostring"))


def test_afterwards_numpy_is_as_it_is() -> None:
    with numpy_calls.as_they_were():
        pass
    with pytest.raises(AttributeError):
        np.asscalar(np.array([1]))  # type: ignore[attr-defined]
    if numpy_calls._CHANGED.get("reshape"):
        with pytest.raises(TypeError):
            np.reshape(np.arange(2), newshape=[1, 2])  # type: ignore[call-overload]
