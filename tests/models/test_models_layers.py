"""`models --layers`: the sources' tables of layers, read from the graphs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lowlevel_cnn import mnist_inference, models
from lowlevel_cnn.__main__ import main
from lowlevel_cnn.interface.networks import named_outputs
from lowlevel_cnn.models import layers
from lowlevel_cnn.tensorflow_v1 import seeded_graph, tf


def with_parameters(name: str) -> list[tuple[str, tuple[int, ...], int]]:
    found = layers.of_model(models.get(name))
    return [(each.name, each.output_shape, each.parameters) for each in found if each.parameters]


def test_the_layers_of_lenet_5_are_printed_with_the_numbers_of_the_article(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models", "--layers", "lenet-5"]) == 0
    head, *rows, total = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [cell.strip() for cell in head if cell] == [
        "layer",
        "operation",
        "output shape",
        "parameters",
        "connections",
    ]
    # 41,600 connections in the article's third layer are a slip: docs/book.md.
    assert [[cell.strip() for cell in row if cell] for row in rows] == [
        ["x-input", "Placeholder", "[batch, 28, 28, 1]"],
        ["layer0-input", "Pad", "[batch, 32, 32, 1]"],
        ["layer1-conv1", "Conv2D 5x5, stride 1, VALID", "[batch, 28, 28, 6]", "156", "122,304"],
        ["layer2-pool1", "MaxPool 2x2, stride 2, SAME", "[batch, 14, 14, 6]"],
        ["layer3-conv2", "Conv2D 5x5, stride 1, VALID", "[batch, 10, 10, 16]", "2,416", "241,600"],
        ["layer4-pool2", "MaxPool 2x2, stride 2, SAME", "[batch, 5, 5, 16]"],
        ["layer4-pool2", "Reshape", "[batch, 400]"],
        ["layer5-fc1", "MatMul", "[batch, 120]", "48,120", "48,120"],
        ["layer6-fc2", "MatMul", "[batch, 84]", "10,164", "10,164"],
        ["layer7-fc3", "MatMul", "[batch, 10]", "850", "850"],
    ]
    assert [cell.strip() for cell in total if cell] == ["total", "61,706"]


def test_scripts_get_the_same_numbers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--layers", "lenet-5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["parameters"]) == ("lenet-5", 61_706)
    assert found["layers"][2:4] == [
        {
            "name": "layer1-conv1",
            "operation": "Conv2D",
            "window": {"size": [5, 5], "stride": [1, 1], "padding": "VALID", "zeros": [0, 0]},
            "output_shape": [28, 28, 6],
            "parameters": 156,
            "connections": 28 * 28 * 6 * (25 + 1),
        },
        {
            "name": "layer2-pool1",
            "operation": "MaxPool",
            "window": {"size": [2, 2], "stride": [2, 2], "padding": "SAME", "zeros": [0, 0]},
            "output_shape": [14, 14, 6],
            "parameters": 0,
            "connections": None,
        },
    ]


def test_the_layers_of_the_book_are_those_of_its_table() -> None:
    assert with_parameters("book-lenet") == [
        ("layer1-conv1", (28, 28, 32), 832),
        ("layer3-conv2", (14, 14, 64), 51_264),
        ("layer5-fc1", (512,), 1_606_144),
        ("layer6-fc2", (10,), 5_130),
    ]


def test_the_layers_of_the_chapters_keras_version_have_the_parameters_of_its_summary() -> None:
    assert [parameters for *_, parameters in with_parameters("mastering-mnist-keras")] == [
        544,
        32_832,
        3_212_288,
        10_250,
    ]


@pytest.mark.parametrize("name", models.all_names())
def test_the_layers_of_every_model_have_all_of_its_parameters_and_end_with_ten_classes(name: str) -> None:
    model = models.get(name)
    found = layers.of_model(model)
    assert sum(each.parameters for each in found) == model.parameters
    assert found[0].output_shape == model.image_shape and found[-1].output_shape == (10,)


def test_variables_are_counted_with_the_layer_that_uses_them_however_they_get_there() -> None:
    def inference(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
        filters = tf.get_variable("filters", [2, 4, 1, 3])
        biases = tf.reshape(tf.get_variable("biases", [3, 1]), [3])
        with tf.name_scope("wide"):
            wide = biases + tf.nn.conv2d(images, filters, [1, 3, 6, 1], "VALID")
        with tf.name_scope("mean"):
            pooled = tf.nn.avg_pool(wide, [1, 3, 1, 1], [1, 3, 1, 1], "SAME")
            flat = tf.reshape(pooled, [tf.shape(pooled)[0], 45])
        with tf.name_scope("twice"):
            square = tf.get_variable("square", [flat.shape[1], flat.shape[1]])
            flat = tf.matmul(tf.matmul(flat, square), square)
        with tf.variable_scope("last"):
            return mnist_inference.fully_connected(flat, 10, regularizer)

    found = layers.of_model(replace(models.get("lenet-5"), inference=inference))
    assert [(each.name, each.operation, each.output_shape, each.parameters) for each in found] == [
        ("x-input", "Placeholder", (28, 28, 1), 0),
        ("wide", "Conv2D", (9, 5, 3), 2 * 4 * 3 + 3),
        ("mean", "AvgPool", (3, 5, 3), 0),
        ("mean", "Reshape", (45,), 0),
        ("twice", "MatMul", (45,), 45 * 45),
        ("twice", "MatMul", (45,), 0),
        ("last", "MatMul", (10,), 45 * 10 + 10),
    ]
    assert [each.window for each in found[1:3]] == [
        layers.Window((2, 4), (3, 6), "VALID", (0, 0)),
        layers.Window((3, 1), (3, 1), "SAME", (0, 0)),
    ]


def test_a_loop_as_tensorflow_2_builds_it_is_a_layer_with_its_parameters() -> None:
    def inference(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
        rows = tf.transpose(tf.reshape(images, [-1, 28, 28]), [1, 0, 2])
        with tf.variable_scope("cell"):
            kernel = tf.get_variable("kernel", [28 + 16, 16])

        def body(time: tf.Tensor, state: tf.Tensor, outputs: tf.TensorArray) -> tuple[tf.Tensor, ...]:
            state = tf.tanh(tf.matmul(tf.concat([rows[time], state], 1), kernel))
            return time + 1, state, outputs.write(time, state)

        begin = (0, tf.zeros([tf.shape(images)[0], 16]), tf.TensorArray(tf.float32, 28))
        *_, outputs = tf.while_loop(lambda time, *_: time < 28, body, begin)
        with tf.variable_scope("last"):
            return mnist_inference.fully_connected(tf.transpose(outputs.stack(), [1, 0, 2])[:, -1], 10, regularizer)

    found = layers.of_model(replace(models.get("lenet-5"), inference=inference))
    assert [(each.operation, each.output_shape, each.parameters, each.connections) for each in found] == [
        ("Placeholder", (28, 28, 1), 0, None),
        ("Reshape", (28, 28), 0, None),
        ("While", (16,), (28 + 16) * 16, None),
        ("MatMul", (10,), 170, 170),
    ]


def test_of_a_loop_whose_results_are_only_rearranged_nothing_is_drawn() -> None:
    def inference(images: tf.Tensor, train: bool, regularizer: mnist_inference.Regularizer | None) -> tf.Tensor:
        columns = tf.transpose(images[..., 0], [1, 0, 2])
        sums = tf.map_fn(lambda column: tf.reduce_sum(column, axis=1), columns)
        with tf.variable_scope("last"):
            return mnist_inference.fully_connected(tf.reshape(tf.transpose(sums), [-1, 28]), 10, regularizer)

    with seeded_graph():
        images = tf.placeholder(tf.float32, [None, 28, 28, 1])
        outputs = named_outputs(images, inference(images, False, None))
    assert all(each.shape.rank != 0 for each in outputs.values())
    assert outputs["last"].shape.as_list() == [None, 10]


def test_a_network_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--layers", "no-such-model"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: argument --model/--layers: ") and "'no-such-model'" in line
