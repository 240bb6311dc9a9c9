"""Answer what the page asks, each question by a method; `server` says under which address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flask import Response, abort, request

from lowlevel_cnn.draw.collection import Collection
from lowlevel_cnn.draw.following import changed_state, state
from lowlevel_cnn.draw.network import MOST_PROBABLE
from lowlevel_cnn.draw.packing import packed
from lowlevel_cnn.draw.pictures import image_of, pixels_of
from lowlevel_cnn.draw.watched_run import KINDS, WatchedRun
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.image_files import Reader

_PATIENCE = 25.0  # seconds; browsers wait longer


class Answers:
    """What the page can ask.

    Args:
        runs: the run, and the one to compare it with, if any.
        collection: where labelled drawings go, if anywhere.
    """

    def __init__(self, runs: Sequence[WatchedRun], collection: Collection | None) -> None:
        self._runs = runs
        self._followed = [each.followed for each in runs]
        self._collection = collection
        self._reader = Reader()

    def runs(self) -> dict[str, Any]:
        """Describe the runs and their checkpoints."""
        seen, steps = state(self._followed)
        described = [
            {
                "title": each.title,
                "model": each.model.name,
                "dataset": each.dataset,
                "shape": each.model.image_shape,
                "weights": each.kinds(),
            }
            for each in self._runs
        ]
        names = self._runs[0].class_names
        return {"runs": described, "classes": names, "collects": bool(self._collection), "seen": seen, "steps": steps}

    def checkpoints(self) -> dict[str, Any]:
        """Answer once a run has other checkpoints than those seen, or after a while."""
        seen, steps = changed_state(self._followed, request.args.get("seen", ""), _PATIENCE)
        return {"seen": seen, "steps": steps}

    def look(self) -> Response:
        """Answer with everything about a picture: probabilities, heat map, activations."""
        run, kind, image = self._run(), _kind(), self._image()
        kept, about = run.kept(_number("step", None)), _number("about", MOST_PROBABLE)
        if not MOST_PROBABLE <= about < len(run.class_names):
            abort(404, "no such class")
        view = run.views[kind].look(kept, image, about)
        rest = run.probabilities(kept, image, [each for each in KINDS if each != kind])
        others = [
            {"title": each.title, "step": newest[-1].step, "probabilities": each.probabilities(newest[-1], image)}
            for each in self._runs
            if each is not run and (newest := each.followed.kept())
        ]
        layers = run.views[kind].layers
        header = {
            "step": kept.step,
            "probabilities": {kind: view.probabilities.tolist(), **rest},
            "others": others,
            "layers": [{"operation": each.operation, "parameters": each.parameters} for each in layers],
        }
        activations = [(layer.name, each) for layer, each in zip(layers, view.activations, strict=True)]
        return _binary(packed(header, [("picture", image), ("heat", view.heat), *activations]))

    def history(self) -> dict[str, Any]:
        """Answer with the probabilities of a picture at each checkpoint of the run."""
        run, image = self._run(), self._image()
        return {"steps": [{"step": each.step, **run.probabilities(each, image)} for each in run.followed.kept()]}

    def filter(self) -> Response:
        """Answer with the weights behind a map or a node."""
        run = self._run()
        layer, place = _number("layer", 0), _number("place", 0)
        try:
            found = run.views[_kind()].filter(run.kept(_number("step", None)), layer, place)
        except IndexError:
            abort(404, "no such layer or map")
        return _binary(packed({"window": found.window}, [] if found.weights is None else [("weights", found.weights)]))

    def sample(self) -> Response:
        """Answer with a test image, or with the first one from there on that the network gets wrong."""
        run = self._run()
        split = run.test
        number = _number("number", 0) % len(split)
        if request.args.get("wrong"):
            number = next(run.mistakes(_kind(), run.kept(_number("step", None)), number), -1)
            if number < 0:
                abort(404, "no mistakes")
        header = {"number": number, "label": int(split.labels[number]), "count": len(split)}
        return _binary(packed(header, [("picture", split.images[number])]))

    def collect(self) -> dict[str, str]:
        """Write a labelled drawing, and answer with the name of its file."""
        label = _number("label", -1)
        if self._collection is None or not 0 <= label < len(self._runs[0].class_names):
            abort(404, "no such label, or no --collect")
        return {"name": self._collection.add(_pixels(), label).name}

    def _run(self) -> WatchedRun:
        number: int = _number("run", 0)
        if not 0 <= number < len(self._runs):
            abort(404, "no such run")
        return self._runs[number]

    def _image(self) -> np.ndarray:
        try:
            return image_of(_pixels(), self._run(), self._reader, request.args.get("form", ""))
        except InputError as error:
            # Not an error while somebody draws: the page tells it from the others by its code.
            abort(415, str(error))


def _number(name: str, default: Any) -> Any:
    """Return an integer of the query, or the default where it is left out."""
    text = request.args.get(name)
    try:
        return default if text is None else int(text)
    except ValueError:
        abort(400, f"{name} is not an integer")


def _kind() -> str:
    found = request.args.get("weights", KINDS[0])
    if found not in KINDS:
        abort(404, "no such weights")
    return found


def _pixels() -> np.ndarray:
    return pixels_of(request.get_data(), _number("width", 0), _number("height", 0))


def _binary(message: bytes) -> Response:
    return Response(message, mimetype="application/octet-stream")
