"""`tf.contrib.factorization` of TensorFlow 1.x: k-means as a graph, after Lloyd or in mini-batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lowlevel_cnn.tensorflow_v1 import tf

__all__ = ["COSINE_DISTANCE", "KMEANS_PLUS_PLUS_INIT", "RANDOM_INIT", "SQUARED_EUCLIDEAN_DISTANCE", "KMeans"]

SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE = "squared_euclidean", "cosine"
RANDOM_INIT, KMEANS_PLUS_PLUS_INIT = "random", "kmeans_plus_plus"


class KMeans:
    """Finds `num_clusters` centers of points `[count, size]`.

    Attributes:
        SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE: the two measures of a distance.
    """

    def __init__(
        self,
        inputs: Any,
        num_clusters: int,
        initial_clusters: Any = RANDOM_INIT,
        distance_metric: str = SQUARED_EUCLIDEAN_DISTANCE,
        use_mini_batch: bool = False,
        mini_batch_steps_per_iteration: int = 1,
        random_seed: int = 0,
        kmeans_plus_plus_num_retries: int = 2,
        kmc2_chain_length: int = 200,
    ) -> None:
        """Describe the clusters; `training_graph` makes the operations.

        Args:
            inputs: a tensor, or several that stand for one.
            initial_clusters: "random", "kmeans_plus_plus", or the centers themselves.
            use_mini_batch: whether a center keeps the mean of all points that it has seen, and not of the last ones.
            mini_batch_steps_per_iteration: taken as 1.
            kmeans_plus_plus_num_retries, kmc2_chain_length: of implementations that this is not.

        Raises:
            ValueError: the distance is neither of the two.
        """
        if distance_metric not in (SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE):
            raise ValueError(f"Unsupported distance metric: {distance_metric!r}")
        self._inputs = tf.concat(inputs, 0) if isinstance(inputs, Sequence) else tf.convert_to_tensor(inputs)
        self._count, self._initial, self._seed = num_clusters, initial_clusters, random_seed
        self._cosine, self._is_mini_batch = distance_metric == COSINE_DISTANCE, use_mini_batch

    def training_graph(self) -> tuple[Any, Any, Any, Any, Any, Any, Any]:
        """Return the operations.

        They are: all distances; the nearest centers and their distances, each in a list of one; whether the centers
        are chosen; the centers; the operation that chooses them; the operation of a step.
        """
        points = tf.nn.l2_normalize(self._inputs, 1) if self._cosine else self._inputs
        size = points.shape.as_list()[1]
        centers = tf.Variable(tf.zeros([self._count, size], points.dtype), trainable=False, name="clusters")
        seen = tf.Variable(tf.zeros([self._count], points.dtype), trainable=False, name="counts")
        is_chosen = tf.Variable(False, trainable=False, name="initialized")
        distances = self._distances(points, centers)
        nearest, scores = tf.argmin(distances, 1, output_type=tf.int32), tf.reduce_min(distances, 1)
        choose = tf.group(
            tf.assign(centers, self._chosen(points)),
            tf.assign(seen, tf.zeros_like(seen)),
            tf.assign(is_chosen, True),
        )
        train = self._step(points, nearest, centers, seen)
        return [distances], [nearest], [scores], is_chosen, centers, choose, train

    def _distances(self, points: Any, centers: Any) -> Any:
        """Of each point from each center, `[count, clusters]`."""
        products = tf.matmul(points, centers, transpose_b=True)
        if self._cosine:
            return 1 - products
        squares = tf.reduce_sum(tf.square(points), 1, keepdims=True)
        return tf.maximum(squares - 2 * products + tf.reduce_sum(tf.square(centers), 1), 0)

    def _chosen(self, points: Any) -> Any:
        """The first centers: given, or points taken at random, by preference far from each other."""
        if callable(self._initial):
            return self._initial(self._inputs, self._count)
        if not isinstance(self._initial, str):
            return tf.cast(self._initial, points.dtype)
        if self._initial == KMEANS_PLUS_PLUS_INIT:
            return self._far_from_each_other(points)
        order = tf.argsort(tf.random.uniform([tf.shape(points)[0]], seed=self._seed or None))
        return tf.gather(points, order[: self._count])

    def _far_from_each_other(self, points: Any) -> Any:
        """Each next one with a probability that grows with its distance from those taken before."""
        taken = tf.gather(points, [0])
        for _ in range(self._count - 1):
            weight = tf.reduce_min(self._distances(points, taken), 1)
            place = tf.random.categorical(tf.math.log(weight[tf.newaxis] + 1e-30), 1, seed=self._seed or None)[0]
            taken = tf.concat([taken, tf.gather(points, place)], 0)
        return taken

    def _step(self, points: Any, nearest: Any, centers: Any, seen: Any) -> Any:
        """Move each center to the mean of its points; one without points stays where it is."""
        counts = tf.unsorted_segment_sum(tf.ones_like(points[:, 0]), nearest, self._count)
        sums = tf.unsorted_segment_sum(points, nearest, self._count)
        # What a center has seen before counts in mini-batches alone.
        before = seen if self._is_mini_batch else tf.zeros_like(counts)
        total = tf.maximum(before + counts, 1)[:, tf.newaxis]
        moved = (tf.convert_to_tensor(centers) * before[:, tf.newaxis] + sums) / total
        moved = tf.where(counts > 0, moved, tf.convert_to_tensor(centers))
        if self._cosine:
            moved = tf.nn.l2_normalize(moved, 1)
        with tf.control_dependencies([moved, total]):
            return tf.group(tf.assign(centers, moved), tf.assign_add(seen, counts))
