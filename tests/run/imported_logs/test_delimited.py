"""Lines of cells become a table; what is half written or does not fit is left out and said."""

import pytest
from log_files import COLUMNS, PLAIN, columns_of, log_of

from melanoma.run.imported_logs import LogError

COMMAS = PLAIN.replace(",", ";").replace(".", ",")
WITHOUT_END = "3,0.5967,1.3997,0.5453,"


@pytest.mark.parametrize(
    "content",
    [
        COMMAS,
        COMMAS.replace(";", "\t"),
        "sep=;\n" + COMMAS,
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "   "),
        PLAIN.replace(",", " | "),
        "".join(f"| {line.replace(',', ' | ')} |\n" for line in PLAIN.splitlines()),
        "\n".join(",".join(f'"{cell}"' for cell in line.split(";")) for line in COMMAS.splitlines()) + "\n",
        "# " + PLAIN,
        "# seed 1\n# " + PLAIN,
        "# seed 1\n" + PLAIN,
        "\n" + PLAIN.replace("\n", "\n\n"),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", ",\n").replace(",\n", "\n", 1),
        COMMAS.replace("accuracy;loss", "accuracy, training;loss, training", 1),
        PLAIN.replace("\n", ",,note\n", 1).replace("4,2.15\n", "4,2.15,,\n"),
    ],
)
def test_the_same_table_however_it_is_set(content):
    assert columns_of(content) == COLUMNS


@pytest.mark.parametrize("last", ["3", "3,", "3,0.5,0.", "3,0.5,0.5,0.5", "3,0.5\n"])
def test_a_half_written_last_row_is_left_out(last):
    log = log_of(PLAIN + last)
    assert log.history.to_dict("list") == COLUMNS
    assert "until it is complete" in log.notes[0]


@pytest.mark.parametrize("number", ["", "1", "1.", "1.6", "1.6184"])  # of which nobody knows whether it is whole
def test_the_last_number_is_left_out_where_no_line_end_says_that_it_is_whole(number):
    log = log_of(PLAIN + WITHOUT_END + number)
    assert list(log.history["val_accuracy"]) == [*COLUMNS["val_accuracy"], 0.5453]
    assert list(log.history["val_loss"].dropna()) == COLUMNS["val_loss"]
    assert "may be cut" in log.notes[0]
    whole = log_of(PLAIN + WITHOUT_END + "1.6184\r\n")
    assert (whole.history["val_loss"].iloc[-1], whole.notes) == (1.6184, ())


def test_a_whole_log_has_nothing_to_say():
    assert log_of(PLAIN).notes == ()


def test_rows_that_are_wider_than_the_header_are_left_out_and_counted():
    rows = "".join(f"{epoch},0.5\n" for epoch in range(30))
    log = log_of("epoch,loss\n" + rows + "1,2,3,4\n" + "30,0.5\n")
    assert len(log.history) == 31
    assert "1 of its 32 rows" in log.notes[0]


@pytest.mark.parametrize("line", ["loss | accuracy", "-----|------"])
def test_repeated_headers_and_rules_are_no_rows(line):
    assert columns_of(f"loss | accuracy\n{line}\n2 | 0.5\n")["loss"] == [2]


@pytest.mark.parametrize("last", ["2,1.", "2,11"])
def test_a_row_of_an_epoch_and_a_number_that_may_be_cut_is_left_out(last):
    assert columns_of(f"epoch,loss\n0,15\n1,12\n{last}")["loss"] == [15, 12]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("epoch,loss\n0,1,9\n1,1,7\n", "put a semicolon between the columns"),
        ("0,0.4,1.9\n1,0.5,1.7\n", "no header line"),
        ("epoch,loss\n", "after the first epoch"),
        ("epoch,lo", "after the first epoch"),
        ("epoch,loss\n0,1.5", "no whole row yet: open it again after the first epoch"),
        ('epoch,loss,note\n0,1.5,"bad\n1,1.2,x\n2,1.1,y\n', "quotation mark"),
        ("epoch,loss\n" + "1,1\n" * 200_001, "200,000 rows"),
        ("epoch,loss" + ",x" * 6000 + "\n1,1\n", "too many columns"),
        ("epoch,loss\n1," + "1" * 300_000 + "\n", "characters"),
        ("epoch,loss" + ",x" * 18 + "\n" + ("1" + ",1" * 19 + "\n") * 150_000, "2,000,000 values"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content, advice):
    with pytest.raises(LogError, match=advice) as caught:
        log_of(content)
    assert str(caught.value).startswith("training.csv ")
