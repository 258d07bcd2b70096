"""What every page must pass in a browser: axe, no sideways scrolling, visible borders."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

NARROW = 320

BORDER_CONTRAST = """
() => {
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const weak = [];
  const unboxed = ':not([type=hidden], [type=radio], [type=checkbox])';
  const picked = `input${unboxed}, select, textarea`;
  for (const field of document.querySelectorAll(picked)) {
    if (!field.offsetParent) continue;
    const style = getComputedStyle(field);
    const edge = light(parse(style.borderTopColor).slice(0, 3));
    const ground = light(behind(field.parentElement));
    const ratio = (Math.max(edge, ground) + 0.05) / (Math.min(edge, ground) + 0.05);
    if (parseFloat(style.borderTopWidth) < 1 || ratio < 3) {
      weak.push(`${field.name || field.id}: ${ratio.toFixed(2)}`);
    }
  }
  return weak;
}
"""


def follow(page: Page, way: Locator) -> None:
    """Click a link or button and wait for the page it leads to: a click alone does not wait."""
    with page.expect_navigation():
        way.click()


def assert_accessible(page: Page) -> None:
    """axe finds nothing; nothing scrolls sideways at 320 px; form borders reach 3:1."""
    found = Axe().run(page).response["violations"]
    assert not found, [
        (item["id"], item["help"], [node["html"][:160] for node in item["nodes"][:3]])
        for item in found
    ]
    assert page.evaluate(BORDER_CONTRAST) == []
    size = page.viewport_size
    page.set_viewport_size({"width": NARROW, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    if size:
        page.set_viewport_size(size)
    assert width <= NARROW, f"{page.url} is {width} px wide on a {NARROW} px screen"
