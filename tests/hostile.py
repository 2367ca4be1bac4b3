"""Text that people paste by mistake or on purpose: what would be obeyed, and what would not come back the same.

Put together from parts rather than listed, so that each way out of a context meets each thing to be obeyed.
"""

from collections.abc import Mapping
from itertools import product

OBEYED = "alert('obeyed')"
"""Whatever runs it opens a dialog, which no page of the app ever does."""

_WAYS_OUT = ("", '">', "'>", "</textarea>", "</title>", "</script>", "-->", "]]>", "</style>")
_ELEMENTS = (
    f"<script>{OBEYED}</script>",
    f"<img src=x onerror={OBEYED}>",
    f"<svg/onload={OBEYED}>",
    f"<details open ontoggle={OBEYED}>",
    f'<iframe srcdoc="<script>parent.{OBEYED}</script>">',
    f"<input autofocus onfocus={OBEYED}>",
)
_MARKDOWN = (
    f"[here](javascript:{OBEYED})",
    f"<javascript:{OBEYED}>",
    "![here](//elsewhere.invalid/picture.png)",
    f"[here](data:text/html,<script>{OBEYED}</script>)",
    f"[one]: javascript:{OBEYED}\n\n[one]",
    f"```html\n<script>{OBEYED}</script>\n```",
)
_ODD = (
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe\N{POP DIRECTIONAL FORMATTING}",
    "شُكْرًا 12",
    "a\N{ZERO WIDTH SPACE}b\N{ZERO WIDTH JOINER}c\N{BYTE ORDER MARK}d",
    "e" + "\N{COMBINING ACUTE ACCENT}" * 40,
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{MICROSCOPE} \N{FAMILY} 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "ﬃ Å Å ẞ \N{LATIN SMALL LETTER DOTLESS I} İ",
    "長い文字列",
    "µ \N{NO-BREAK SPACE} \N{IDEOGRAPHIC SPACE} \N{LINE SEPARATOR}end",
)

CLASSES: Mapping[str, tuple[str, ...]] = {
    "markup": tuple(out + element for out, element in product(_WAYS_OUT, _ELEMENTS)),
    "attribute": tuple(f"x{quote} onmouseover={quote}{OBEYED}" for quote in ('"', "'", "`", " ")),
    "markdown": _MARKDOWN,
    "entity": ("&lt;script&gt;", "&#60;b&#62;", "&amp;amp;", "&unknown;", "<!-- x", "<![CDATA[x"),
    "formula": tuple(
        f"{sign}{rest}"
        for sign, rest in product(
            ("=", "+", "-", "@", "\t="), ('cmd|"/c calc"!A1', 'HYPERLINK("//x","y")', "1+1")
        )
    ),
    "database": ("'; DROP TABLE trials; --", '" OR ""="', "%' ESCAPE '", "\\'; --", "Robert');"),
    "path": ("../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x:stream", "CON", ".", "..", "~"),
    "template": ("{{7*7}}", "{% x %}", "${7*7}", "#{7*7}", "%s%n%d", "{0.__class__}", "<%= 7 %>"),
    "shell": ("$(id)", "`id`", "; ls", "| cat", "&& id", "--help", "-rf", "%PATH%", "*"),
    "icon": (":material/bug_report:", ":material/x@color=red;}:"),
    "separator": ("a,b;c\td|e", '"a ""b"" c"', "a\nb\r\nc", '"', "\\", "'a"),
    "number": ("NaN", "Infinity", "-0", "1e309", "0x1F", "1_000", "١٢٣", "1.5e-9", "007", "null"),
    "odd": _ODD,
    "long": ("long " * 2_000, "x" * 10_000, "<b>" * 3_000),
}
"""Text that every store and every page can hold, by what is odd about it."""

UNSTORABLE = ("a\0b", "half a pair \ud83d", "\udc00 the other half")
"""Text with characters that a database cannot hold; they are replaced, and nothing else is."""

HOSTILE: tuple[str, ...] = tuple(text for texts in CLASSES.values() for text in texts)


def one_of_each() -> list[str]:
    """Return the first of each class, and every element that would run by itself; no text twice."""
    return [*(texts[0] for texts in CLASSES.values()), *_ELEMENTS[1:]]
