"""Every route and every act is in a table or behind the question: whoever adds one decides who may."""

import ast
from pathlib import Path

import pytest

from access.conftest import browser
from capsule_blocks import Ledger
from capsule_panel.serving import make_server
from machine import free_port

PROJECT = Path(__file__).parents[2]
PANEL = PROJECT / "ui_panel" / "capsule_panel"
FLOWS = PROJECT / "flows" / "capsule_flows"
Cookies = dict[str, str | None]
WHO = ("author", "expert, shared", "by link", "expert, not shared", "by ended link", "nobody")

# What a GET of each address answers to each of the six above; 302 is the way to the login. Where
# the Prefect server would be asked next, which does not run here, there is a dash.
PAGE = "200 200 200 200 302 302"
ROUTES: dict[str, tuple[str, str]] = {
    # The pages; what is in them is asked again when they fill, and in test_permission.
    r"/": ("/", PAGE),
    r"/capsule": ("/capsule?name=tumor", PAGE),
    r"/trial": ("/trial?id=x", PAGE),
    r"/mine": ("/mine", PAGE),
    r"/compare": ("/compare?before=x&after=y", PAGE),
    r"/author": ("/author", PAGE),
    r"/make": ("/make?name=tumor", PAGE),
    # The plain doors, asked for what is not there; test_doors asks them for what is.
    r"/upload": ("/upload?capsule=tumor", "405 405 405 403 403 403"),
    r"/template": ("/template?name=tumor", "- - - 403 403 403"),
    r"/report": ("/report?id=00000000-0000-4000-8000-000000000000", "- 403 403 403 403 403"),
    r"/file": ("/file?id=00000000-0000-4000-8000-000000000000", "404 403 403 403 403 403"),
    r"/cases": ("/cases?id=00000000-0000-4000-8000-000000000000", "404 403 403 403 403 403"),
    r"/compared": ("/compared?before=x&after=x", "404 403 403 403 403 403"),
    r"/health": ("/health", "200 200 200 200 200 200"),
    # The ways in and out.
    r"/login": ("/login", "200 200 200 200 410 200"),
    r"/logout": ("/logout", "200 200 200 200 302 302"),
    r"/join/([\w-]{1,100})": ("/join/x", "410 410 410 410 410 410"),
    r"/s/([\w-]{1,100})": ("/s/x", "404 404 404 404 404 404"),
    # Panel's and Bokeh's own: scripts and styles, the same for everybody.
    r"/favicon.ico": ("/favicon.ico", "200 200 200 200 200 200"),
    r"/components/(.*)": ("/components/x", "400 400 400 400 400 400"),
    r"/static/extensions/(.*)": ("/static/extensions/x", "404 404 404 404 404 404"),
    r"/static/(?!extensions/)(.*)": ("/static/js/bokeh.min.js", "200 200 200 200 200 200"),
}
BESIDE_A_PAGE = ("/ws", "/metadata", "/autoload.js", "/static/(.*)", "/static/(?!extensions/)(.*)")
"""What Bokeh puts beside each page; test_entrance holds who may have it."""
SIGNING_IN = {"entrance", "entry", "invited", "openid", "signing_in", "access"}
"""The modules for those who are not in yet: nobody can be asked who she is there."""

IN_A_NAME = {name for name in vars(Ledger) if name.startswith("add_")} - {"add_once"} | {
    function.name
    for file in FLOWS.glob("*.py")
    for function in ast.walk(ast.parse(file.read_text()))
    if isinstance(function, ast.FunctionDef)
    and "by" in {one.arg for one in function.args.kwonlyargs}
}
"""What takes down something in a person's name: the ledger's ways, and all that is told `by` whom."""


def routes() -> set[str]:
    """Return the patterns of everything that the server answers."""
    server = make_server(free_port())
    found = {
        str(rule.matcher.regex.pattern).removesuffix("$")
        for rule in server._tornado.wildcard_router.rules
    }
    server.stop()
    return found


@pytest.fixture
def all_routes(app: str) -> set[str]:
    return routes()


async def test_the_table_names_every_route(all_routes: set[str]) -> None:
    pages = [path for path, (_, told) in ROUTES.items() if told == PAGE]
    beside = {f"{page.rstrip('/')}{side}" for page in pages for side in BESIDE_A_PAGE}
    named = {*ROUTES, *beside, *(f"{page.rstrip('/')}/?" for page in pages)}
    assert all_routes - named == set()


async def test_each_visitor_is_answered_as_the_table_says(app: str, cookies: Cookies) -> None:
    told = {}
    for pattern, (path, expected) in ROUTES.items():
        answers = []
        for who, answer in zip(WHO, expected.split(), strict=True):
            async with browser(app, cookies[who]) as client:
                asked = answer != "-"
                answers.append(str((await client.get(path)).status_code) if asked else "-")
        told[pattern] = " ".join(answers)
    assert told == {pattern: told for pattern, (_, told) in ROUTES.items()}


async def test_a_file_is_taken_from_whom_the_capsule_is_shared_with_alone(
    app: str, cookies: Cookies
) -> None:
    told = []
    for who in WHO:
        async with browser(app, cookies[who]) as client:
            answer = await client.post("/upload?capsule=tumor&filename=a.csv&by=x", content=b"")
            told.append(answer.status_code)
    # An empty file is refused for what it is, after the question whether she may bring one.
    assert told == [400, 400, 400, 403, 403, 403]


def acts(tree: ast.AST) -> dict[str, ast.AST]:
    """Return each function that writes in somebody's name."""
    found = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
            if any(_writes(call) for call in calls):
                found[function.name] = function
    return found


def _writes(call: ast.Call) -> bool:
    handed = [call.func, *call.args]
    names = {ast.unparse(one).rpartition(".")[2] for one in handed}
    adds = any(ast.unparse(one).endswith("ledger.add") for one in handed)
    return adds or bool(names & IN_A_NAME)


def asks(function: ast.AST) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr in {"insist", "allowed"}
        for one in ast.walk(function)
    )


def called_in(tree: ast.AST) -> set[str]:
    """Return the names of the functions that are called, or handed to a thread, by one that asks."""
    return {
        name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and asks(function)
        for one in ast.walk(function)
        for name in [one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", None)]
        if name
    }


@pytest.mark.parametrize(
    "module",
    [file for file in sorted(PANEL.rglob("*.py")) if file.stem not in SIGNING_IN],
    ids=lambda file: file.stem,
)
def test_whatever_writes_asks_first(module: Path) -> None:
    tree = ast.parse(module.read_text())
    unasked = {name for name, each in acts(tree).items() if not asks(each)} - called_in(tree)
    assert unasked == set()


def test_a_module_that_writes_without_asking_is_found() -> None:
    tree = ast.parse("async def on_click(self):\n    ledger.add_assessment(word='x')\n")
    assert set(acts(tree)) == {"on_click"}
    assert not asks(acts(tree)["on_click"])
