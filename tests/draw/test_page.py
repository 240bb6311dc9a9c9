"""The page in a real browser, served by the real command."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.browser import ONE, SEVEN, Hand, chromium
from helpers.commands_here import copied
from helpers.digit_run import MISLABELLED
from helpers.processes import Started, copy_checkpoint

pytest.importorskip("flask", reason="the page is served by Flask, which the extra `draw` installs")

PHOTOGRAPH = """
const canvas = new OffscreenCanvas(120, 160), context = canvas.getContext("2d");
context.fillStyle = "#d8d4c8"; context.fillRect(0, 0, 120, 160);
context.strokeStyle = "#203080"; context.lineWidth = 8;
context.beginPath(); context.moveTo(30, 40); context.lineTo(90, 40); context.lineTo(55, 130); context.stroke();
const done = arguments[0];
canvas.convertToBlob({ type: "image/jpeg" }).then((blob) => {
  const files = new DataTransfer();
  files.items.add(new File([blob], "seven.jpg", { type: "image/jpeg" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  done();
});
"""


@pytest.fixture(scope="module")
def run(digit_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose later checkpoints are still to come."""
    return copied(digit_run, tmp_path_factory.mktemp("page") / "run", 1, 31)


@pytest.fixture(scope="module")
def hand(run: Path, digit_data: Path) -> Iterator[Hand]:
    """The page in a browser; the command ends at once with Ctrl-C, and has said no more than its address."""
    words = ("--checkpoint-dir", run, "--data-dir", digit_data, "--collect", run.parent / "mine", "--port", 0)
    with chromium() as browser:
        serving = Started("draw", *words, cwd=run.parent)
        try:
            serving.wait_for("http://127.0.0.1:")
            yield Hand(browser, serving.last_lines()[0])
            assert serving.signal(signal.SIGINT) < 10
            ended = serving.ended()
            assert ended.code == 130
            assert len(ended.out) == 1
            assert [line for line in ended.err if "not the published" not in line] == ["Ctrl-C ends it"]
        finally:
            serving.kill_all()


def test_a_drawn_7_is_called_7_and_every_layer_shows_what_it_makes_of_it(hand: Hand) -> None:
    hand.open()
    assert hand.text("#verdict") == "Draw here, or drop a picture"
    hand.draw(SEVEN)
    hand.until(lambda: hand.text("#verdict").startswith("7: "))
    assert hand.text(".bar.best .name") == "7"
    assert hand.text(".layer h3").split("|") == [
        "layer1-conv1 32 maps of 28 × 28 · 832 parameters",
        "layer2-pool1 32 maps of 14 × 14",
        "layer3-conv2 64 maps of 14 × 14 · 51,264 parameters",
        "layer4-pool2 64 maps of 7 × 7",
        "layer5-fc1 512 values · 1,606,144 parameters",
        "layer6-fc2 10 values · 5,130 parameters",
    ]
    # The strokes are where the network sees them, and somewhere the heat map has a colour.
    assert hand.run("return document.getElementById('seen').width") == 28
    coloured = "const data = document.getElementById('heat').getContext('2d').getImageData(0, 0, 28, 28).data;"
    assert hand.run(f"{coloured} return data.some((value, at) => at % 4 === 0 && Math.abs(value - data[at + 2]) > 60)")


def test_a_map_is_clicked_for_its_filter_and_its_size(hand: Hand) -> None:
    hand.open()
    hand.draw(SEVEN)
    hand.until(lambda: hand.text(".layer h3"))
    hand.run("document.querySelectorAll('.layer canvas')[2].focus()")
    hand.press("\ue014", "\ue014")  # the right arrow
    assert "Number 2 of 64: 14 × 14, from " in hand.text("#detail")
    hand.until(lambda: "Its filter: 5 × 5 × 32, from -0." in hand.text("#detail"))
    hand.click(".values button", 7)
    hand.until(lambda: "Its 512 weights" in hand.text("#detail"))


def test_a_new_checkpoint_changes_the_page_without_a_reload(hand: Hand, run: Path, digit_run: Path) -> None:
    hand.open()
    hand.draw(ONE)
    assert hand.history()[2] == ["1", "31"]
    hand.run("window.isTheSame = true")
    copy_checkpoint(digit_run / "model.ckpt-61", run / "model.ckpt-61")
    hand.until(lambda: hand.text("#step") == "step 61")
    assert hand.text("#news") == "New checkpoint: step 61"
    assert hand.history()[2] == ["1", "31", "61"]
    assert hand.run("return window.isTheSame")
    hand.until(lambda: hand.text("#verdict").startswith("1: "))


def test_the_slider_shows_the_same_drawing_at_every_checkpoint_and_where_the_answer_changed(hand: Hand) -> None:
    hand.open()
    hand.draw(SEVEN)
    averaged, raw, steps = hand.history()
    assert len(averaged) == len(raw) == len(steps) >= 2
    assert averaged[-1] == "7"
    expected = [
        f"step {step}: it was {before}, now it is {after}"
        for before, after, step in zip(averaged, averaged[1:], steps[1:], strict=False)
        if before != after
    ]
    steady = f"7 at all {len(steps)} checkpoints"
    assert hand.text("#changes li").split("|") == (expected[::-1] or [steady])
    hand.run("document.getElementById('slider').focus()")
    hand.press("\ue011")  # Home
    hand.until(lambda: hand.text("#step") == "step 1")
    hand.until(lambda: hand.text("#verdict").startswith(f"{averaged[0]}: "))
    assert not hand.run("return document.getElementById('follow').checked")
    hand.click("#follow")
    hand.until(lambda: hand.text("#verdict").startswith("7: "))


def test_the_next_mistake_comes_by_a_key(hand: Hand) -> None:
    hand.open()
    seen: list[int] = []
    while not seen or MISLABELLED[-1] not in seen:
        before = hand.text("#message")
        hand.run("document.activeElement.blur()")
        hand.press("m")
        hand.until(lambda before=before: hand.text("#message") != before)  # type: ignore[misc]
        found = re.fullmatch(r"Test image (\d+): labelled (\d)", hand.text("#message"))
        assert found, hand.text("#message")
        seen.append(int(found[1]))
        hand.until(lambda: re.match(r"\d: ", hand.text("#verdict")))
        hand.until(lambda label=found[2]: not hand.text("#verdict").startswith(label))  # type: ignore[misc]
    assert set(MISLABELLED) <= set(seen)
    assert seen == sorted(seen)


def test_a_photograph_is_dropped_onto_the_page(hand: Hand) -> None:
    hand.open()
    hand.browser.execute_async_script(PHOTOGRAPH)
    hand.until(lambda: hand.text("#verdict").startswith("7: "))


def test_a_drawing_is_added_to_the_folder_of_its_class(hand: Hand, run: Path) -> None:
    hand.open()
    hand.draw(SEVEN)
    hand.run("document.activeElement.blur()")
    hand.press("7")
    hand.until(lambda: hand.text("#message").startswith("Added as 7: "))
    (written,) = (run.parent / "mine").rglob("*.png")
    assert written.parent == run.parent / "mine" / "train" / "7"
    assert written.name in hand.text("#message")


def test_one_draws_by_keys_and_takes_back_what_was_drawn(hand: Hand) -> None:
    hand.open()
    hand.run("document.getElementById('drawing').focus()")
    hand.press(" ", *["\ue015"] * 12, " ")  # the pen down, twelve steps, and up
    hand.until(lambda: hand.text("#verdict").startswith("1: "))
    hand.press("z")
    hand.until(lambda: hand.text("#verdict") == "Draw here, or drop a picture")
    assert hand.text(".layer") == ""


def test_a_reader_of_chinese_reads_chinese(hand: Hand) -> None:
    hand.open("zh-CN")
    assert hand.run("return document.documentElement.lang") == "zh-CN"
    assert hand.text("h1") == "手写一个数字"
    hand.draw(SEVEN)
    hand.until(lambda: "32 个 28 × 28 的特征图" in hand.text(".layer h3"))
    texts = hand.browser.execute_async_script(
        "const done = arguments[0]; import('/texts.js').then(({ TEXTS }) => done(TEXTS))"
    )
    assert texts["en"].keys() == texts["zh"].keys()
    for name, text in texts["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", texts["zh"][name])), name
    hand.open("fr-FR")
    assert hand.text("h1") == "Draw a digit"


def test_on_a_telephone_a_finger_draws_and_nothing_is_wider_than_the_screen(hand: Hand) -> None:
    hand.open(width=360, height=740)
    hand.touch(SEVEN[0])
    hand.until(lambda: hand.text("#verdict").startswith("7: "))
    hand.history()
    assert hand.run("return document.documentElement.scrollWidth") <= 360
    bottom = hand.run("return document.querySelector('#bars').getBoundingClientRect().bottom")
    assert bottom <= 740, "the probabilities are in sight while one draws"


def test_the_page_asks_this_machine_alone_and_meets_no_error(hand: Hand) -> None:
    hand.open()
    hand.draw(SEVEN)
    hand.history()
    asked = hand.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert len(asked) > 10
    assert [each for each in asked if not each.startswith(hand.address)] == []
    assert [each["message"] for each in hand.browser.get_log("browser")] == []  # type: ignore[no-untyped-call]
