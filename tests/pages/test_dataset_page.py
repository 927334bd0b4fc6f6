"""The dataset page: the training table, the audit's findings, a folder of one's own."""

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from melanoma.audit import audit
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs

PAGE = Path(__file__).resolve().parents[2] / "pages" / "dataset.py"
PARTS = ("Training photos", "What is wrong with them", "Audit a folder")


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", tmp_path / "models")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def trained(models):
    """One run: melanomas from two sources, keratoses from one."""
    folder = models / runs.DEFAULT_RUN
    folder.mkdir()
    facts = {"state": "finished", "classes": [], "input": {}, "arguments": {}}
    runs.write_json(folder / "run.json", facts)
    rows = [("MEL", "ham10000", "train")] * 30 + [("MEL", "isic2017", "test")] * 12 + [("SK", "isic2017", "train")] * 5
    table = pd.DataFrame(rows, columns=["diagnosis", "source", "split"])
    table["image_id"] = [f"P{i}" for i in range(len(table))]
    table["group"] = [f"L{i // 2}" for i in range(len(table))]
    table.to_csv(folder / "split.csv", index=False)
    runs.seal(folder)
    return folder


@pytest.fixture
def visitor(monkeypatch):
    """Set where the page is looked at from; AppTest has no browser and so no address."""

    def comes_from(address: str) -> None:
        monkeypatch.setattr(type(st.context), "ip_address", address)

    return comes_from


def opened(tab: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=120)
    page.query_params["tab"] = tab
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    found = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.header, *page.subheader]
    return "\n".join(element.value for element in found)


def test_the_training_table_is_counted_from_the_run(trained):
    page = opened(PARTS[0])
    metrics = {m.label: m.value for m in page.metric}
    assert metrics == {"Photos": "47", "Lesions": "24", "In train": "35", "In test": "12"}
    assert "From one source alone: seborrheic keratosis (ISIC 2017)" in words(page)
    table = page.dataframe[0].value.set_index("diagnosis")
    assert table.loc["melanoma", ["photos", "train", "test"]].tolist() == [42, 30, 12]


def test_without_a_run_the_page_says_how_to_make_one(models):
    page = opened(PARTS[0])
    assert "No trained run is here yet" in words(page)
    assert "python -m melanoma train" in words(page)


def test_the_shipped_findings_are_shown_and_can_be_looked_into(trained):
    page = opened(PARTS[1])
    shipped = audit.load()
    overview = page.dataframe[-1].value
    assert [text.split(" of ")[0] for text in overview["count"]] == [f"{f.count:,}" for f in shipped.findings]
    chosen = shipped.finding("test-in-train-other-label")
    page.selectbox(key="finding-public").select(chosen.title).run()
    assert not page.exception
    assert "18 of 118" in {m.value for m in page.metric}
    assert chosen.text in words(page)


def test_a_visitor_from_elsewhere_cannot_name_folders_of_this_computer(trained, visitor):
    visitor("192.0.2.7")
    assert PARTS[2] not in [tab.label for tab in opened(PARTS[0]).tabs]


def test_a_folder_of_ones_own_is_audited(trained, tmp_path, visitor):
    visitor("127.0.0.1")
    for label, seeds in {"mole": (1, 2), "wart": (2, 3)}.items():
        (tmp_path / "clinic" / label).mkdir(parents=True)
        for seed in seeds:
            (tmp_path / "clinic" / label / f"{seed}.jpg").write_bytes(example_bytes(seed, 80, 60))
    page = opened(PARTS[2])
    page.text_input(key="path").set_value(str(tmp_path / "clinic"))
    page.button[0].click().run()
    assert not page.exception
    assert "1 of 3" in {m.value for m in page.metric}
    assert "clinic" in words(page)


@pytest.mark.parametrize(("path", "said"), [("", "Type the path"), ("/nowhere/at/all", "There is no folder")])
def test_a_wrong_path_is_answered_in_plain_words(trained, visitor, path, said):
    visitor("127.0.0.1")
    page = opened(PARTS[2])
    page.text_input(key="path").set_value(path)
    page.button[0].click().run()
    assert not page.exception
    assert said in words(page)
