"""The registry's models on the author's page: what waits, narrowed down by a name, whatever a name holds."""

from capsule_flows.registry_overview import NEWER, NO_CAPSULE, NOTHING, ModelLine, Overview
from capsule_panel.registry_view import overview_html

FINE = ModelLine("wine", "2", "models:/wine/2", (), None, None, capsule="wine", of_version="2")
BEHIND = ModelLine(
    "<b>nodule</b>",
    "3",
    "models:/n/3",
    ("champion=1",),
    None,
    "ada",
    waits=NEWER,
    sentence="Version 3 is newer.",
)
FOUND = Overview((BEHIND, FINE), ("The models at http://away cannot be read.",))


def test_what_waits_is_counted_and_said() -> None:
    shown = overview_html(FOUND, "")
    assert "2 models, something waits for 1 of them." in shown
    assert "Version 3 is newer." in shown
    assert shown.index("cannot be read") < shown.index("<table>")
    assert FINE.waits == NOTHING


def test_a_models_name_is_text_and_narrows_the_table_down() -> None:
    assert "&lt;b&gt;nodule&lt;/b&gt;" in overview_html(FOUND, "NODULE")
    assert "wine" not in overview_html(FOUND, "nodule")
    assert "No model is called so." in overview_html(FOUND, "none of these")


def test_an_empty_registry_is_no_error() -> None:
    assert "There is no model here yet." in overview_html(Overview(()), "")


def test_a_model_without_a_capsule_has_the_way_to_one_and_one_with_a_capsule_the_way_on() -> None:
    bare = ModelLine("a&b", "1", "models:/a&b/1", (), None, None, waits=NO_CAPSULE)
    shown = overview_html(Overview((bare, FINE)), "")
    assert 'href="/make?from=models%3A%2Fa%26b%2F1">Create inference capsule' in shown
    assert 'href="/make?name=wine">Edit, build, release, share' in shown
