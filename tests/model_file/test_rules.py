"""What a network's file must keep to: whatever it does otherwise is one line that says where, what and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers import processes
from helpers.own_networks import BOOK, SMALL, VECTORS, run_in_this_process, written

from lowlevel_cnn import model_file
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.model_file import arguments

MATMUL = "logits = tf.matmul(flat, weights)"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run_in_this_process(monkeypatch)
    monkeypatch.chdir(tmp_path)


def refusal(text: str, name: str = "net.py") -> str:
    # After the last line, so that the others keep their numbers.
    written(Path(name), f"{text}\nOUTSIDE = tf.Variable(tf.zeros([10]))\n" if "OUTSIDE" in text else text)
    with pytest.raises(InputError) as caught:
        model_file.load(name)
    said = str(caught.value)
    assert len(said.splitlines()) == 1 and "lowlevel_cnn/" not in said
    return said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (MATMUL, "logits = tf.matmul(flat, wieghts)", "net.py, line 6: NameError: name 'wieghts' is not defined"),
        (MATMUL, "logits = tf.matmul(weights, weights)", "net.py, line 6: ValueError: Dimensions must be equal"),
        (MATMUL, "logits = tf.contrib.crf.crf_decode(flat)", "net.py, line 6: tf.contrib.crf"),
        (MATMUL, "logits = tf.matmul(flat, weights", "net.py, line 6: SyntaxError: "),
        (MATMUL, "print 'logits'", "net.py, line 6: a print statement is Python 2"),
        (MATMUL, "import no_such_module", "net.py, line 6: ModuleNotFoundError: No module named 'no_such_module'"),
        (MATMUL, "raise KeyboardError", "net.py, line 6: NameError"),
        (MATMUL, "raise SystemExit(3)", "net.py, line 6: ends the program here"),
        (MATMUL, "open('weights.txt')", "net.py, line 6: opens a file; a forward pass computes with its arguments"),
        (MATMUL, "import numpy; numpy.load('w.npy')", "net.py, line 6: opens a file"),
        (MATMUL, "import pathlib; pathlib.Path('w').read_text()", "net.py, line 6: opens a file"),
        (MATMUL, "tf.Session().run(weights)", "net.py, line 6: opens a session; training and evaluation open theirs"),
        (MATMUL, "tf.reset_default_graph()", "net.py, line 6: AssertionError: Do not use tf.reset_default_graph()"),
        (
            "import tensorflow as tf",
            "import tensorflow as tf; tf.InteractiveSession()",
            "net.py, line 1: opens a session",
        ),
        (
            "return logits",
            "return None",
            "inference returns nothing; it must return logits, float32 of shape [batch, 10]",
        ),
        ("return logits", "return logits, flat", "inference returns a tuple; it must return logits"),
        ("return logits", "return tf.reduce_sum(logits)", "inference returns float32 of shape []"),
        ("return logits", "return flat", "inference returns float32 of shape [batch, 784]; it must return logits"),
        ("return logits", "return tf.argmax(logits, 1)", "inference returns int64 of shape [batch]"),
        ("return logits", "return tf.cast(logits, tf.float64)", "inference returns float64 of shape [batch, 10]"),
        ("return logits", "return tf.reshape(logits, [100, 10])", "inference returns a batch of 100; batches differ"),
        ("return logits", "return tf.stop_gradient(logits)", "no gradient gets from the logits to a variable"),
        ("return logits", "return tf.placeholder(tf.float32, [None, 10]) + weights[0]", "does not use its images"),
        ('tf.get_variable("weight", [784, 10])', "tf.ones([784, 10])", "inference makes no trainable variable"),
        (
            "return logits",
            "return tf.py_func(lambda x: x, [logits], tf.float32)",
            "inference returns float32 of unknown",
        ),
        (
            "return logits",
            "out = tf.py_func(lambda x: x, [logits], tf.float32); out.set_shape([None, 10]); return logits + out",
            "inference calls Python code in each step",
        ),
        ("return logits", "return logits + tf.io.decode_raw(tf.read_file('x'), tf.float32)", "inference reads files"),
        (
            "return logits",
            "return logits + tf.get_variable('more', [10]) if train else logits",
            "other variables in training than in evaluation: more is [10] in the one and missing in the other",
        ),
        ("NUM_LABELS = 28, 1, 10", "NUM_LABELS = 28, 1, 9.5", "NUM_LABELS is 9.5; it must be a whole number above 0"),
        ("NUM_CHANNELS, NUM_LABELS", "CHANNELS, NUM_LABELS", "has no NUM_CHANNELS; expected is the book's inference("),
        ("IMAGE_SIZE, NUM_CHANNELS", "SIZE, NUM_CHANNELS", "has no INPUT_NODE; expected is the book's inference("),
        (
            "train, regularizer):",
            "keep_prob):",
            "takes (images, keep_prob), nothing is known to give for keep_prob; exp",
        ),
        (
            "train, regularizer):",
            "drop=True):",
            "takes (images, drop=True), nothing is known to give for drop; expected",
        ),
        ("train, regularizer):", "regularizer, keep_prob):", "nothing is known to give for keep_prob; expected is"),
        ("train, regularizer):", "average, weights1, biases1):", "nothing is known to give for average; expected is"),
        ("images, train, regularizer", "train, images, regularizer", "(train, images, regularizer), other arguments;"),
        ("images, train, regularizer", "", "its inference takes (), other arguments; expected is the book's"),
        ("return logits", "return tf.nn.softmax(logits)", "inference returns probabilities; it must return logits"),
        (
            "return logits",
            "return tf.nn.dropout(logits, tf.placeholder(tf.float32))",
            "inference computes with a placeholder of its own",
        ),
        (
            MATMUL,
            f"{MATMUL} + OUTSIDE",
            "line 6: ValueError: uses a variable or tensor that is made outside of inferen",
        ),
        ("def inference", "def network", "defines neither MODEL = Model(...) nor the book's inference("),
    ],
    ids=lambda value: value[:40],
)
@pytest.mark.filterwarnings("error")
def test_what_is_wrong_with_a_file_is_one_line(old: str, new: str, expected: str) -> None:
    assert old in SMALL
    assert expected in refusal(SMALL.replace(old, new))


def test_a_graph_that_is_entered_and_not_left_is_one_line(tmp_path: Path) -> None:
    entering = "global kept; kept = tf.Graph().as_default(); kept.__enter__(); return logits"
    file = written(tmp_path / "net.py", SMALL.replace("return logits", entering))
    # In a process of its own: the graph stays entered in this one.
    ended = processes.run("models", "--model", file, cwd=tmp_path)
    assert ended.code == 2 and len(ended.err) == 1, ended
    assert "net.py: inference changes the default graph" in ended.err[0]


def test_an_error_in_a_module_beside_the_file_is_that_module_s_line(tmp_path: Path) -> None:
    written(tmp_path / "helper.py", "def make(x):\n    return x.no_such_thing\n")
    text = SMALL.replace("logits = tf.matmul(flat, weights)", "import helper; logits = helper.make(flat)")
    assert "helper.py, line 2: AttributeError: " in refusal(text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "defines neither MODEL"),
        (b"\x00" * 9, "null bytes"),
        (b"\xff\xfe", "SyntaxError"),
        (b"MODEL = 3", "MODEL is of type int; write MODEL = Model(...)"),
        (b"inference = 3", "defines neither MODEL"),
        (b"IMAGE_SIZE = 28\ninference = print", "--model net.py: "),
        (b"def __getattr__(name): raise RuntimeError('no')", "RuntimeError: no"),
    ],
)
def test_what_is_no_network_at_all_is_one_line(content: bytes, expected: str) -> None:
    Path("net.py").write_bytes(content)
    with pytest.raises(InputError) as caught:
        model_file.load("net.py")
    assert expected in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("missing.py", "--model missing.py: no such file; give a Python file, or one of book-lenet"),
        ("folder.py", "--model folder.py: is a folder"),
        ("..py", "rename it"),
        (f"{'x' * 120}.py", "rename it"),
        ("a\nb.py", "rename it"),
    ],
)
def test_a_file_that_cannot_be_read_or_named_is_one_line(path: str, expected: str) -> None:
    if path == "folder.py":
        Path(path).mkdir()
    elif path != "missing.py":
        Path(path).write_text(SMALL)
    with pytest.raises(InputError, match=expected.replace("(", r"\(")):
        model_file.load(path)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("batch_size=0", "MODEL's batch_size is 0; it must be a whole number of at least 1"),
        ("optimizer='sgd'", "MODEL's optimizer is 'sgd'; it must be one of gradient-descent, adam, rmsprop"),
        ("image_shape=(28, 28)", "MODEL's image_shape is (28, 28); it must be a tuple of height, width and channels"),
        ("moving_average_decay=2", "MODEL's moving_average_decay is 2; it must be a number from 0 to 1"),
        ("dataset='digits'", "MODEL's dataset is 'digits'; it must be one of mnist"),
        ("inference='x'", "MODEL's inference is 'x'; it must be a function"),
        ("rate=3", "line 9: TypeError: "),
    ],
)
def test_a_wrong_setting_of_a_model_is_named(setting: str, expected: str) -> None:
    name = setting.partition("=")[0]
    settings = {
        "name": "'x'",
        "title": "'x'",
        "dataset": "'mnist'",
        "image_shape": "(28, 28, 1)",
        "inference": "inference",
        "batch_size": "20",
        "learning_rate_base": "0.1",
        "moving_average_decay": "0.9",
        "training_steps": "100",
    }
    given = ", ".join([f"{key}={value}" for key, value in settings.items() if key != name] + [setting])
    assert expected in refusal(f"{SMALL}from lowlevel_cnn.models import Model\nMODEL = Model({given})\n")


def test_the_book_s_module_has_the_book_s_settings_and_its_parameters_are_counted() -> None:
    written(Path("书 'mnist' inference.py"), BOOK)
    model = model_file.load("书 'mnist' inference.py")
    assert (model.name, model.dataset, model.image_shape) == ("书 'mnist' inference", "mnist", (28, 28, 1))
    assert (model.parameters, model.num_labels, model.reported_accuracy) == (1_663_370, 10, None)
    assert (model.batch_size, model.learning_rate_base, model.training_steps) == (100, 0.01, 30_000)


@pytest.mark.parametrize(
    ("takes", "given"),
    [
        ("images, is_training", {"is_training": True}),
        ("images, num_classes=3, is_training=False", {"num_classes": 10, "is_training": True}),
        ("images, phase_train, reg", {"phase_train": True, "reg": "r"}),
        ("images, *, regularizer, train", {"train": True, "regularizer": "r"}),
        ("images, training_now, penalty", {"training_now": True, "penalty": "r"}),
        ("images, reuse=False, width=3", {"reuse": False, "width": 3}),
        ("images, train, keep_prob=0.5", {"train": True, "keep_prob": 0.5}),
        ("images, **others", {"others": {"train": True, "regularizer": "r"}}),
        ("*images", {}),
    ],
)
def test_an_argument_is_given_what_its_name_says(takes: str, given: dict[str, Any]) -> None:
    defined: dict[str, Any] = {}
    exec(f"def inference({takes}): return locals()", defined)
    received = arguments.caller(defined["inference"])("i", True, "r", 10)
    assert received == {"images": ("i", True, "r") if takes.startswith("*") else "i", **given}


@pytest.mark.parametrize(
    ("text", "shape", "parameters"),
    [
        (VECTORS, (28, 28, 1), 784 * 20 + 20 + 20 * 10 + 10),
        (VECTORS.replace("784", "768") + "NUM_CHANNELS = 3\n", (16, 16, 3), 768 * 20 + 20 + 20 * 10 + 10),
        *(
            (SMALL.replace("images, train, regularizer", takes), (28, 28, 1), 7840)
            for takes in ("images, regularizer, train=False", "images, is_training=True, regularizer=None", "images")
        ),
        (SMALL.replace("28, 1, 10", "32, 3, 10").replace("784", "3072"), (32, 32, 3), 30720),
        (SMALL.replace("28, 1, 10", "20, 1, 2").replace("784, 10", "400, 2").replace("784", "400"), (20, 20, 1), 800),
        (SMALL.replace("1, 10", "1, 62").replace("784, 10", "784, 62"), (28, 28, 1), 784 * 62),
        (SMALL.replace("NUM_LABELS", "NUM_CLASSES"), (28, 28, 1), 7840),
    ],
)
def test_other_forms_of_the_book_s_module(text: str, shape: tuple[int, int, int], parameters: int) -> None:
    model = model_file.load(str(written(Path("net.py"), text)))
    assert (model.image_shape, model.parameters) == (shape, parameters)
    assert model.dataset == ("cifar10" if shape == (32, 32, 3) else "mnist")


def test_the_checksum_is_that_of_the_text_and_not_of_its_line_breaks(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.py", "two.py", "three.py")]
    for path, text in zip(files, (SMALL, SMALL.replace("\n", "\r\n"), SMALL + "\n"), strict=True):
        path.write_bytes(text.encode())
    one, two, three = (file.checksum for each in files if (file := model_file.load(str(each)).file))
    assert one == two != three
