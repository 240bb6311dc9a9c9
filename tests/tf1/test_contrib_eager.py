"""The first eager programs: gradients of a function by what it uses or by its arguments."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from lowlevel_cnn.tf1 import contrib_eager as tfe


class Line(tfe.Network):
    def __init__(self) -> None:
        super().__init__()
        self.layer = self.track_layer(tf.Module())
        self.layer.slope = tf.Variable(3.0)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.layer.slope * x


def test_a_network_is_differentiated_by_the_variables_that_it_uses() -> None:
    network = Line()
    unused = tf.Variable(1.0)
    value, pairs = tfe.implicit_value_and_gradients(lambda x: network(x) ** 2)(tf.constant(2.0))
    (pair,) = pairs
    assert float(value) == 36 and float(pair[0]) == 24 and pair[1] is network.layer.slope
    assert tfe.implicit_gradients(network)(5.0)[0][0].numpy() == 5
    assert [each is network.layer.slope for each in network.trainable_variables] == [True]
    assert unused is not pair[1] and network.name == "line"


def test_a_function_is_differentiated_by_its_arguments() -> None:
    assert [float(each) for each in tfe.gradients_function(lambda x, y: x * x * y)(3.0, 2.0)] == [12, 9]
    assert [float(each) for each in tfe.gradients_function(lambda x, y: x * x * y, params=[1])(3.0, 2.0)] == [9]


def test_a_data_set_is_gone_through_by_for_and_by_next() -> None:
    elements = tfe.Iterator(tf.data.Dataset.from_tensor_slices(np.arange(4)))
    assert int(elements.next()) == 0 and [int(each) for each in elements] == [1, 2, 3]
    assert tfe.num_gpus() == len(tf.config.list_physical_devices("GPU"))
