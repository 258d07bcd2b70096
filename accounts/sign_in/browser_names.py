"""Names browsers in plain words ("Firefox on Windows"), so that people know their own in a list.

The text that a browser sends is a claim, and most of it is there for history's sake. ua-parser was
weighed: exact to the model of the phone, by 2,000 patterns to keep up; a list of at most a dozen of
one's own browsers needs this much.
"""

from __future__ import annotations

# the first that fits counts: Edge, Opera and Samsung call themselves Chrome too, and all say Safari
_BROWSERS = (
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
# Android says Linux, and iPhones say Mac OS X
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def name_browser(user_agent: str) -> str:
    """What a person would call it; "Another program" for what is no browser."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if not browser:
        return f"A browser on {system}" if system else "Another program"
    return f"{browser} on {system}" if system else browser
