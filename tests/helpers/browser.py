"""A headless Chromium, as Debian's packages `chromium` and `chromium-driver` install it, and a hand that draws."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from helpers.processes import PATIENCE

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

T = TypeVar("T")
Stroke = list[tuple[int, int]]
# Digits on a paper of 280 x 280.
SEVEN: list[Stroke] = [[(75, 65), (205, 65), (170, 140), (125, 230)]]
ONE: list[Stroke] = [[(140, 45), (140, 140), (140, 235)]]


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser; skips the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium, of the extra `test`, drives the browser")
    found = [
        next(filter(None, map(shutil.which, each)), None) for each in (("chromium", "google-chrome"), ("chromedriver",))
    ]
    if None in found:
        pytest.skip("the page is tested in Chromium; install the packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = found[0]
    for flag in ("--headless=new", "--window-size=1280,900", "--lang=en-US", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # which Chromium does not have for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(found[1]))
    try:
        yield browser
    finally:
        browser.quit()


class Hand:
    """Draws on the page and reads it.

    Args:
        browser: shows the page.
        address: of the page.
    """

    def __init__(self, browser: Chrome, address: str) -> None:
        self.browser = browser
        self.address = address

    def open(self, language: str = "en-US", width: int = 1280, height: int = 900) -> None:
        """Opens the page anew, for a reader of this language, on a screen of this size."""
        agent = {"userAgent": "test", "acceptLanguage": language}
        self.browser.execute_cdp_cmd("Emulation.setUserAgentOverride", agent)
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.browser.get(self.address)
        self.until(lambda: self.text("#step"))

    def draw(self, strokes: list[Stroke]) -> None:
        """Draws with the mouse."""
        for stroke in strokes:
            for at, place in enumerate(self._on_the_screen(stroke)):
                self._mouse("mouseMoved" if at else "mousePressed", place)
            self._mouse("mouseReleased", place)

    def touch(self, stroke: Stroke) -> None:
        """Draws with a finger."""
        for at, place in enumerate(self._on_the_screen(stroke)):
            event = {"type": "touchMove" if at else "touchStart", "touchPoints": [place]}
            self.browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
        self.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def _mouse(self, kind: str, place: dict[str, float]) -> None:
        event = {"type": kind, **place, "button": "left", "buttons": 1, "clickCount": 1}
        self.browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def _on_the_screen(self, stroke: Stroke) -> list[dict[str, float]]:
        """The places of a stroke on the paper."""
        left, top, width = self.run(
            "const box = document.getElementById('drawing').getBoundingClientRect();"
            "return [box.left, box.top, box.width]"
        )
        return [{"x": left + x * width / 280, "y": top + y * width / 280} for x, y in stroke]

    def press(self, *keys: str) -> None:
        """Presses keys where the focus is."""
        for each in keys:
            self.browser.switch_to.active_element.send_keys(each)

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns."""
        return self.browser.execute_script(script, *arguments)

    def click(self, selector: str, at: int = 0) -> None:
        """Clicks on the element of this number."""
        self.run("document.querySelectorAll(arguments[0])[arguments[1]].click()", selector, at)

    def text(self, selector: str) -> str:
        """The texts of all such elements."""
        script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent).join('|')"
        return str(self.run(script, selector))

    def history(self) -> tuple[list[str], list[str], list[str]]:
        """The answers with averaged and with raw weights, and the steps, once they are of what is on the paper."""
        self.until(lambda: self.run("return document.getElementById('strip').ariaBusy") == "false")
        averaged, raw, steps = (self.text(f"#strip tr:nth-child({row}) td").split("|") for row in (1, 2, 3))
        return averaged, raw, steps

    def until(self, found: Callable[[], T]) -> T:
        """Waits until there is something, and returns it."""
        deadline = time.monotonic() + PATIENCE
        while not (result := found()):
            assert time.monotonic() < deadline, self.text("body")
            time.sleep(0.05)
        return result
