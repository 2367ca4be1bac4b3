"""The confusion table as a picture: how often each answer met each prediction."""

from bokeh.models import ColumnDataSource, FactorRange
from bokeh.plotting import figure

from capsule_flows.judgement import Confusion

AGREED, DIFFERED, NONE = "#d7ebdf", "#f8dcd9", "#f4f6f8"
SQUARE = 110
MARGIN = 130
LARGEST = 720


def confusion_cells(confusion: Confusion) -> dict[str, list[str]]:
    """Return one entry a cell: answer, prediction, its count as text, its colour."""
    cells: dict[str, list[str]] = {
        "answer": [],
        "prediction": [],
        "count": [],
        "colour": [],
    }
    for answer, row in zip(confusion.labels, confusion.counts, strict=True):
        for prediction, cases in zip(confusion.labels, row, strict=True):
            cells["answer"].append(answer)
            cells["prediction"].append(prediction)
            cells["count"].append(str(cases))
            colour = AGREED if answer == prediction else DIFFERED
            cells["colour"].append(colour if cases else NONE)
    return cells


def confusion_plot(confusion: Confusion) -> figure:
    """Draw a square for each cell, the count in it; a row for each answer, the first on top."""
    labels = list(confusion.labels)
    side = min(MARGIN + SQUARE * len(labels), LARGEST)
    plot = figure(
        x_range=FactorRange(factors=labels),
        y_range=FactorRange(factors=labels[::-1]),
        x_axis_location="above",
        x_axis_label="It said",
        y_axis_label="Your answer",
        width=side,
        height=side - 40,
        toolbar_location=None,
        tools="",
    )
    source = ColumnDataSource(dict(confusion_cells(confusion)))
    plot.rect("prediction", "answer", 0.96, 0.96, source=source, color="colour")
    plot.text(
        "prediction",
        "answer",
        text="count",
        source=source,
        text_align="center",
        text_baseline="middle",
        text_font_size="22px",
        text_color="#1f2a37",
    )
    plot.grid.grid_line_color = None
    plot.outline_line_color = None
    for axis in plot.axis:
        axis.axis_line_color = axis.major_tick_line_color = None
        axis.major_label_text_font_size = "14px"
        axis.axis_label_text_font_size = "14px"
        axis.axis_label_text_font_style = "bold"
    return plot
