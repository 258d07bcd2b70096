"""Browsers are named so that people know their own."""

from __future__ import annotations

import pytest

from accounts.sign_in.browser_names import name_browser
from accounts.sign_in.queries import in_words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36",
            "Chrome on Chromebook",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.5 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Trident/7.0", "A browser on Windows"),
        ("curl/8.9", "Another program"),
        ("", "Another program"),
        ("<b>Firefox/1</b>", "Firefox"),
    ],
)
def test_a_browser_is_named_in_plain_words(text: str, name: str) -> None:
    assert name_browser(text) == name


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (-1, "just now"),
        (0, "just now"),
        (1, "1 minute ago"),
        (59, "59 minutes ago"),
        (60, "1 hour ago"),
        (719, "11 hours ago"),
    ],
)
def test_moments_are_said_without_a_clock(minutes: int, words: str) -> None:
    assert in_words(minutes) == words
