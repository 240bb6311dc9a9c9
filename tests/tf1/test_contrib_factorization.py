"""K-means against Lloyd's algorithm written out in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lowlevel_cnn.tensorflow_v1 import tf
from lowlevel_cnn.tf1.contrib_factorization import KMeans

COUNT = 3


def points() -> np.ndarray:
    random = np.random.default_rng(1)
    centers = np.array([[0, 5, 1], [6, 0, 1], [1, 1, 7]])
    return (centers[random.integers(0, COUNT, 60)] + random.normal(size=(60, 3))).astype(np.float32)


def lloyd(data: np.ndarray, centers: np.ndarray, steps: int, cosine: bool) -> np.ndarray:
    def normal(rows: np.ndarray) -> np.ndarray:
        scaled: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return scaled

    if cosine:
        data = normal(data)
    for _ in range(steps):
        distances = 1 - data @ centers.T if cosine else ((data[:, None] - centers) ** 2).sum(-1)
        nearest = distances.argmin(1)
        centers = np.stack([data[nearest == each].mean(0) for each in range(len(centers))])
        centers = normal(centers) if cosine else centers
    return centers


@pytest.mark.parametrize("metric", ["squared_euclidean", "cosine"])
def test_each_step_moves_each_center_to_the_mean_of_its_points(metric: str) -> None:
    data = points()
    with tf.Graph().as_default(), tf.Session() as session:
        fed = tf.placeholder(tf.float32, [None, 3])
        graph = KMeans(fed, COUNT, "kmeans_plus_plus", metric, random_seed=4).training_graph()
        distances, nearest, scores, is_chosen, centers, choose, train = graph
        session.run(tf.global_variables_initializer())
        assert not session.run(is_chosen)
        session.run(choose, {fed: data})
        first = session.run(centers)
        for _ in range(4):
            session.run(train, {fed: data})
        found: Any = session.run([centers, distances[0], nearest[0], scores[0], is_chosen], {fed: data})
    np.testing.assert_allclose(found[0], lloyd(data, first, 4, metric == "cosine"), rtol=1e-4)
    np.testing.assert_array_equal(found[2], found[1].argmin(1))
    np.testing.assert_allclose(found[3], found[1].min(1))
    assert found[4]


def test_in_mini_batches_a_center_is_the_mean_of_all_that_it_has_seen() -> None:
    batches = points().reshape(3, 20, 3)
    with tf.Graph().as_default(), tf.Session() as session:
        fed = tf.placeholder(tf.float32, [None, 3])
        *_, centers, choose, train = KMeans(fed, 1, "random", use_mini_batch=True).training_graph()
        session.run(tf.global_variables_initializer())
        session.run(choose, {fed: batches[0]})
        for batch in batches:
            session.run(train, {fed: batch})
        np.testing.assert_allclose(session.run(centers)[0], batches.reshape(-1, 3).mean(0), rtol=1e-5)


def test_the_first_centers_may_be_given_and_are_points_if_not() -> None:
    data = points()
    for initial in (data[:2], "random"):
        with tf.Graph().as_default(), tf.Session() as session:
            *_, centers, choose, _ = KMeans(tf.constant(data), 2, initial).training_graph()
            session.run(tf.global_variables_initializer())
            session.run(choose)
            found = session.run(centers)
        known = data if isinstance(initial, str) else initial
        assert {tuple(row) for row in found} <= {tuple(row) for row in known} and len(set(map(tuple, found))) == 2


def test_an_unknown_distance_is_refused() -> None:
    with pytest.raises(ValueError, match="manhattan"):
        KMeans(np.zeros((2, 2), np.float32), 1, distance_metric="manhattan")
