"""The shipped findings, and the photos behind one of them."""

from reading_pages import open_page, read

from melanoma.audit.audit import load


def test_the_shipped_findings_are_counted_and_one_can_be_looked_into(empty_models):
    page = open_page("dataset", tab="Data quality")
    shipped = load()
    overview = page.dataframe[-1].value
    assert [text.split(" of ")[0] for text in overview["count"]] == [f"{f.count:,}" for f in shipped.findings]
    finding = shipped.finding("test-in-train-other-label")
    page.selectbox(key="finding-public").select(finding.title).run()
    assert not page.exception
    assert page.metric[0].value == "18 of 118"
    assert finding.text in read(page)
