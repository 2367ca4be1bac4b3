"""The picture shows the confusion table and nothing else."""

from capsule_flows.judgement import Confusion
from capsule_panel.charts import AGREED, DIFFERED, NONE, confusion_cells, confusion_plot

CONFUSION = Confusion(labels=("benign", "malignant"), counts=((7, 1), (0, 4)))


def test_each_cell_has_its_count_and_its_colour() -> None:
    cells = confusion_cells(CONFUSION)
    assert list(zip(*cells.values(), strict=True)) == [
        ("benign", "benign", "7", AGREED),
        ("benign", "malignant", "1", DIFFERED),
        ("malignant", "benign", "0", NONE),
        ("malignant", "malignant", "4", AGREED),
    ]


def test_the_first_answer_is_on_top() -> None:
    assert confusion_plot(CONFUSION).y_range.factors == ["malignant", "benign"]
