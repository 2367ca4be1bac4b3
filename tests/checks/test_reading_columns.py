"""Tables read by columns hold what they hold when they are read by rows."""

import datetime
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsule_flows.cells_as_text import as_text, column_as_text
from capsule_flows.dialects import choose_delimiter
from capsule_flows.file_kinds import NoTableError
from capsule_flows.reading_child import read
from capsule_flows.reading_columns import read_plain_text, without_blank_rows
from capsule_flows.reading_rows import place_in, read_text, split_header


@given(st.lists(st.none() | st.floats(), max_size=20))
def test_a_column_of_numbers_as_text_is_what_each_number_is_as_text(
    values: list[float | None],
) -> None:
    for kind in (pa.float64(), pa.float32()):
        column = pa.array(values, kind)

        assert column_as_text(column).to_pylist() == [as_text(one) for one in column.to_pylist()]


DAYS = st.dates().map(lambda day: datetime.datetime(day.year, day.month, day.day))


@given(st.lists(st.none() | st.datetimes() | DAYS, max_size=9))
def test_a_column_of_days_and_times_as_text_is_what_each_is_as_text(values: list) -> None:
    column = pa.array(values, pa.timestamp("us"))

    assert column_as_text(column).to_pylist() == [as_text(one) for one in column.to_pylist()]


LINES = st.lists(
    st.text(st.sampled_from("a1 ,;\té\r\n.-\u2028\x0b"), max_size=9), min_size=1, max_size=12
)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_plain_text_read_by_columns_gives_what_reading_it_by_rows_gives(
    lines: list[str], end: str, marked: bool
) -> None:
    text = "id,x" + end + end.join(lines)
    content = text.encode("utf-8-sig" if marked else "utf-8")
    with TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(content)
        grid = read_text(content, "t.csv")
        try:
            header, where, rows = split_header(place_in(grid, "t.csv"), "t.csv")
        except NoTableError as reason:
            with pytest.raises(NoTableError, match=re.escape(str(reason))):
                read(path, "t.csv")
        else:
            found = read(path, "t.csv")
            assert (found.header, list(found.lines), found.how) == (header, where, grid.how)
            assert [
                list(row) for row in zip(*map(pa.Array.to_pylist, found.cells), strict=True)
            ] == rows


@pytest.mark.parametrize(
    "text",
    ['a,b\n"1",2\n', "a,b\n1,2,3\n", "a,b\n1\n", "\na,b\n1,2\n", "a,b\r1,2\n", "a,\n1,2\n"],
)
def test_a_text_that_is_not_plain_is_left_to_the_reading_by_rows(text: str) -> None:
    assert read_plain_text(text.encode(), choose_delimiter) is None


def test_a_hundred_thousand_plain_rows_are_read_by_columns_and_blank_ones_left_out() -> None:
    rows = [f"S-{number},1.5" for number in range(100_000)]
    rows[7] = " ,"

    found = read_plain_text(("id,x\n" + "\n".join(rows) + "\n\n").encode(), choose_delimiter)

    assert found is not None
    assert found.header == ["id", "x"]
    assert len(found.cells[0]) == 100_000
    cells, kept = without_blank_rows(found.cells)
    assert cells[0][7].as_py() == "S-8"
    assert len(kept) == 99_999
