"""What axe finds in a page that anybody is to be able to use, by day and by night."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SERIOUS = {"serious", "critical"}
HEADINGS = {"heading-order", "page-has-heading-one", "empty-heading"}
"""Less to axe, and more to whoever finds her way by headings."""
SHOWN = "(look) => [undefined, look].includes(document.documentElement.dataset.look)"
AT_REST = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestIdleCallback(done, { timeout: 2000 })))
  const roots = [document]
  for (const root of roots) for (const one of root.querySelectorAll("*")) if (one.shadowRoot) roots.push(one.shadowRoot)
  const changing = roots.flatMap((root) => root.getAnimations()).filter((one) => one instanceof CSSTransition)
  await Promise.allSettled(changing.map((one) => one.finished))
}"""
"""A colour half way from light to dark is nobody's to read."""


def filled(page: Page) -> None:
    """Wait until a page has filled itself."""
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_text("One moment …")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def serious_by_day_and_night(page: Page) -> list[str]:
    """Return what axe calls serious of all that can be unfolded on a page, light and then dark."""
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    found = []
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        page.wait_for_function(SHOWN, arg=look)
        page.evaluate(AT_REST)
        found += serious(page)
    return found


def serious(page: Page) -> list[str]:
    """Return what axe calls serious or critical, with the places."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        for node in one["nodes"]
        if one["impact"] in SERIOUS or one["id"] in HEADINGS
    ]
