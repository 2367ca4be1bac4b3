"""Colours, spacing and type of every page, light and dark, as CSS custom properties and as the widgets' theme."""

from collections.abc import Mapping
from typing import Any

import param

import panel as pn
from capsule_flows import svg

COOKIE = "capsules_look"
FONT = 'Roboto, "Segoe UI", "Helvetica Neue", Arial, sans-serif'

LIGHT: Mapping[str, str] = {
    "ground": "#f5f7f9",
    "sheet": "#ffffff",
    "ink": "#1f2a37",
    "quiet": "#55616f",
    "line": "#dce2e8",
    "field-line": "#7d8894",
    "accent": "#0b5c7d",
    "on-accent": "#ffffff",
    "note-ground": "#eff6f9",
    "problem": "#b3261e",
    "problem-ground": "#fdf3f2",
    "good": "#23663f",
    "good-ground": "#f1f8f4",
    "open": "#7a5200",
    "open-ground": "#fdf7e8",
    "inset": "#f4f6f8",
    "hover": "#e9f1f5",
    "marked": "#f9d9d6",
    "shadow": "rgba(11, 60, 82, .16)",
    **{f"picture-{name}": colour for name, colour in svg.COLOURS.items()},
}
"""Each colour by what it is for; text colours reach 4.5 : 1 on their grounds, lines of fields 3 : 1."""

DARK: Mapping[str, str] = {
    "ground": "#11161b",
    "sheet": "#1a2128",
    "ink": "#e4e9ee",
    "quiet": "#a7b2bd",
    "line": "#303a44",
    "field-line": "#78848f",
    "accent": "#78c4e3",
    "on-accent": "#06222e",
    "note-ground": "#14303c",
    "problem": "#ff9d94",
    "problem-ground": "#3a1f1d",
    "good": "#86d3a6",
    "good-ground": "#17301f",
    "open": "#edc678",
    "open-ground": "#352a12",
    "inset": "#12181e",
    "hover": "#22303a",
    "marked": "#5c2a27",
    "shadow": "rgba(0, 0, 0, .5)",
    "picture-ink": "#e4e9ee",
    "picture-quiet": "#a7b2bd",
    "picture-line": "#4a5662",
    "picture-paper": "#1a2128",
    "picture-agree": "#56b4e9",
    "picture-agree-soft": "#1d3a4d",
    "picture-differ": "#f39a5b",
    "picture-differ-soft": "#4f3220",
}

SIZES: Mapping[str, str] = {
    "text": "15px",
    "small": "14px",
    "title": "28px",
    "headline": "24px",
    "heading": "19px",
    "gap-s": "8px",
    "gap": "16px",
    "gap-l": "24px",
    "round": "8px",
    "round-s": "4px",
}


def declared(tokens: Mapping[str, str]) -> str:
    """Return tokens as CSS declarations: "--ink: #1f2a37; …"."""
    return " ".join(f"--{name}: {value};" for name, value in tokens.items())


# Paper is white, whatever the screen is. The loader is what is there before the page is.
TOKENS = f"""
:root {{ color-scheme: light; {declared(LIGHT)} {declared(SIZES)} --font: {FONT}; }}
:root[data-look="dark"] {{ color-scheme: dark; {declared(DARK)} }}
@media (prefers-color-scheme: dark) {{ :root:not([data-look]) {{ color-scheme: dark; {declared(DARK)} }} }}
@media print {{ :root:root, :root[data-look="dark"] {{ color-scheme: light; {declared(LIGHT)} }}
  html, body {{ height: auto !important; }} }}
html, body {{ background: var(--ground) !important; color: var(--ink); font-family: var(--font); }}
#loader {{ background: none !important; }}
.spinner {{ border-color: var(--line) !important; border-top-color: var(--accent) !important; }}
"""

FOCUS = "outline: 2px solid var(--accent); outline-offset: 2px;"

TABLE = """
.pnx-tabulator.tabulator { background: var(--sheet); color: var(--ink); border-color: var(--line);
  font-size: var(--small); }
.pnx-tabulator .tabulator-header, .pnx-tabulator .tabulator-header .tabulator-col { background: var(--sheet);
  color: var(--quiet); border-color: var(--line); font-size: var(--small); font-weight: 600; }
.pnx-tabulator .tabulator-header .tabulator-col.tabulator-sortable:hover { background: var(--hover); }
.pnx-tabulator .tabulator-header-filter input { border: 1px solid var(--field-line);
  border-radius: var(--round-s); background: var(--sheet); color: var(--ink); }
.pnx-tabulator .tabulator-tableholder .tabulator-table { background: var(--sheet); color: var(--ink); }
.pnx-tabulator .tabulator-row, .pnx-tabulator .tabulator-row.tabulator-row-even { background: var(--sheet);
  color: var(--ink); border-bottom: 1px solid var(--line); }
.pnx-tabulator .tabulator-row .tabulator-cell { border-color: var(--line); font-size: var(--small); }
.pnx-tabulator .tabulator-row.tabulator-selectable:hover, .pnx-tabulator .tabulator-row.tabulator-selected,
.pnx-tabulator .tabulator-row.tabulator-selected:hover { background: var(--hover); color: var(--ink); }
.pnx-tabulator .tabulator-footer { background: var(--sheet); color: var(--quiet); border-color: var(--line); }
.pnx-tabulator .tabulator-footer .tabulator-page { background: var(--sheet); color: var(--ink);
  border: 1px solid var(--line); }
.pnx-tabulator .tabulator-footer .tabulator-page.active { background: var(--sheet); color: var(--accent);
  border-color: var(--accent); font-weight: 600; }
.pnx-tabulator :focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
"""
"""What a Tabulator is given beside its own style sheets, which come after it and are outdone by the first class."""


STEP = "One step"
STEPS = f"[aria-label='{STEP}']"


def _theme(tokens: Mapping[str, str]) -> dict[str, Any]:
    colour = {name: {"main": tokens[token]} for name, token in _ROLES.items()}
    colour["primary"]["contrastText"] = tokens["on-accent"]
    return {
        "palette": {
            **colour,
            "background": {"default": tokens["ground"], "paper": tokens["sheet"]},
            "text": {"primary": tokens["ink"], "secondary": tokens["quiet"]},
            "divider": tokens["line"],
            "default": {"main": tokens["ink"]},
        },
        "typography": {"fontFamily": FONT},
        "components": {
            "MuiAppBar": {
                "defaultProps": {"elevation": 0},
                "styleOverrides": {
                    "root": {
                        "backgroundColor": tokens["sheet"],
                        "backgroundImage": "none",
                        "color": tokens["ink"],
                        "borderBottom": f"1px solid {tokens['line']}",
                    }
                },
            },
            "MuiButtonBase": {
                "styleOverrides": {
                    "root": {
                        "&.Mui-focusVisible": {
                            "outline": f"2px solid {tokens['accent']}",
                            "outlineOffset": "2px",
                        }
                    }
                }
            },
            "MuiOutlinedInput": {
                "styleOverrides": {
                    "notchedOutline": {"borderColor": tokens["field-line"]},
                    "root": {
                        f"&:has(> .MuiInputAdornment-root > {STEPS}) > input": {
                            "paddingLeft": "14px"
                        }
                    },
                }
            },
            "MuiButton": {"defaultProps": {"disableElevation": True}},
            # What the widgets bring without a name for a screen reader. The two buttons in a field
            # for numbers do what its arrow keys do, and an empty field would jump to its bound.
            "MuiIconButton": {"defaultProps": {"aria-label": STEP}},
            "MuiInputAdornment": {
                "styleOverrides": {"root": {f"&:has(> {STEPS})": {"display": "none"}}}
            },
            "MuiLinearProgress": {"defaultProps": {"aria-label": "The app is at work"}},
            # The page keeps its place under the header free by a heading without words.
            "MuiTypography": {"defaultProps": {"variantMapping": {"h5": "div"}}},
        },
    }


_ROLES = {"primary": "accent", "error": "problem", "success": "good", "warning": "open"}

THEME = {"light": _theme(LIGHT), "dark": _theme(DARK)}
"""The widgets' theme; Bokeh's axes and labels follow it."""

PAGE_SX = {
    "& .main": {"backgroundColor": "var(--ground)"},
    "& .main-content": {"boxSizing": "border-box", "paddingLeft": "24px", "paddingRight": "24px"},
    "@media (max-width: 600px)": {
        "& .main-content": {"paddingLeft": "12px", "paddingRight": "12px"}
    },
    # On the screen the page scrolls inside its frame; on paper it is as long as it is.
    "@media print": {
        "display": "block",
        "height": "auto",
        "width": "auto",
        "overflow": "visible",
        "& .header": {"display": "none"},
        "& .main, & .main-content": {"overflow": "visible", "maxWidth": "none", "padding": 0},
    },
}


def chosen_dark() -> bool:
    """Say whether this browser showed dark pages last; False where it is here for the first time."""
    return (pn.state.cookies or {}).get(COOKIE) in {"dark", "system-dark"}


def chosen_attribute(cookie: str | None) -> str:
    """Return what the page's root says of the look that was chosen; nothing where it follows the system."""
    return f' data-look="{cookie}"' if cookie in {"dark", "light"} else ""


class Look(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """Follows the system until the person chooses, remembers her choice for a year; shows nothing."""

    cookie = param.String(COOKIE)

    _esm = """
export function render({ model, view }) {
  let top = view
  while (top.parent) top = top.parent
  const page = top.model.data
  const system = window.matchMedia("(prefers-color-scheme: dark)")
  const kept = document.cookie.split("; ").find((one) => one.startsWith(model.cookie + "="))
  let chosen = kept && !kept.includes("=system") ? kept.split("=")[1] : null
  let following = false

  function show() {
    const dark = chosen ? chosen === "dark" : system.matches
    following = true
    if (page.dark_theme !== dark) page.dark_theme = dark
    following = false
    document.documentElement.dataset.look = dark ? "dark" : "light"
    const word = chosen || (dark ? "system-dark" : "system-light")
    document.cookie = model.cookie + "=" + word + ";path=/;max-age=31536000;samesite=strict"
  }

  page.properties.dark_theme.change.connect(() => {
    if (following) return
    chosen = page.dark_theme ? "dark" : "light"
    show()
  })
  system.addEventListener("change", show)
  show()
}
"""
