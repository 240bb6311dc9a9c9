"""A program around the interface: nothing of its process changes, and interrupting it loses nothing."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.documents import ROOT
from helpers.processes import same_bits, steps_in

import lowlevel_cnn as cnn
from lowlevel_cnn.runs import metrics

PROGRAM = """
import os
import signal
import sys
import threading

import tensorflow as tf

import lowlevel_cnn as cnn

data, folder = sys.argv[1:]
mnist = cnn.load_dataset("mnist", data)


def of_the_process():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    # tqdm keeps a thread that watches its bars.
    threads = {thread.name for thread in threading.enumerate() if not type(thread).__module__.startswith("tqdm")}
    return {"handlers": handlers, "environment": dict(os.environ), "folder": os.getcwd(), "threads": threads}


def check_eager():
    assert tf.executing_eagerly()
    with tf.GradientTape() as tape:
        loss = x * x
    assert tape.gradient(loss, x).numpy() == 6


def trained(name):
    run = cnn.Run(f"{folder}/{name}", "lenet-5", mnist, batch_size=20)
    run.train(3, save_every=2)
    run.evaluate("test")
    run.activations(mnist.test.images[0])
    return run.weights("raw")


x = tf.Variable(3.0)
check_eager()
before = of_the_process()
found = [trained("first")]
check_eager()
found.append(trained("second"))
with tf.Graph().as_default() as graph:
    found.append(trained("within a graph"))
    assert graph.get_operations() == []
threads = [threading.Thread(target=lambda name=name: found.append(trained(name))) for name in ("third", "fourth")]
for thread in threads:
    thread.start()
check_eager()
for thread in threads:
    thread.join()
assert of_the_process() == before, (of_the_process(), before)
check_eager()
assert len(found) == 5
for weights in found:
    assert all((weights[name] == found[0][name]).all() for name in weights)
print("all is well")
"""


# The learning rate of `lenet-5` itself depends on the last step.
STEADY = replace(cnn.get_model("lenet-5"), learning_rate_schedule="exponential-decay", batch_size=20)


def test_a_program_trains_twice_in_threads_and_beside_eager_tensorflow_2(data: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    words = [sys.executable, str(program), str(data), str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    ended = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "all is well"


@pytest.mark.parametrize("times", [1, 3])
def test_an_interrupt_is_raised_after_a_save_and_the_training_goes_on_to_the_same_bits(
    times: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(name: str) -> cnn.Run:
        return cnn.Run(tmp_path / name, STEADY, "mnist", data_dir=data)

    append = metrics.append_training

    def interrupted(directory: Path, step: int, loss: float) -> None:
        append(directory, step, loss)
        if step == 2:
            for _ in range(times):
                _thread.interrupt_main()
                time.sleep(0.05)

    handler = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(metrics, "append_training", interrupted)
        run("run").train(1000, save_every=1, summary_every=0)
    assert signal.getsignal(signal.SIGINT) is handler
    step = run("run").step
    assert 2 <= step < 1000
    assert f"Stopped after {step} training step(s)" in capsys.readouterr().out
    run("run").train(step + 2, summary_every=0)
    run("other").train(step + 2, summary_every=0)
    assert same_bits(*(tmp_path / name / f"model.ckpt-{step + 2}" for name in ("run", "other")))


def test_an_interrupt_before_the_first_step_leaves_nothing_locked(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    run = cnn.Run(tmp_path / "run", STEADY, "mnist", data_dir=data)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(_thread, "start_new_thread", lambda begin, arguments: interrupted())
        run.train(2)
    assert steps_in(run.directory) == []
    assert run.train(1, summary_every=0).step == 1
