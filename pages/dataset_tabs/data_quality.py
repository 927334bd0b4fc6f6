"""A tab of the Dataset page: what is wrong with the public photos. And an audit as every tab shows it."""

import pandas as pd
import streamlit as st

from melanoma.audit.audit import Audit, AuditError, load
from melanoma.audit.checks import Finding
from melanoma.charts import dataset as dataset_charts
from melanoma.serving.cells import encode_csv
from pages.parts.widgets import draw_chart, draw_table

FULL = 6  # rows of a table before it scrolls


def show_data_quality() -> None:
    """The shipped audit of the public downloads."""
    st.markdown(
        "The public sources hold mislabelled, repeated and leaking photos. Before training, labels were settled from "
        "independent tables. Photos that could not be settled were left out, and lesions were kept together."
    )
    try:
        audit = load()
    except AuditError as error:
        st.info(str(error), icon=":material/rule:")
        return
    show_audit(audit, "public")
    st.caption("Made again by `python -m melanoma audit DATA --out FOLDER`.")


def show_audit(audit: Audit, name: str) -> None:
    """An audit's findings as a chart, a table, and the photos they concern."""
    st.caption(f"{audit.photos:,} photos, audited on {audit.made[:10]}.")
    overview = pd.DataFrame([{"finding": f.title, "count": write_count(f), "in words": f.text} for f in audit.findings])
    left, right = st.columns([3, 2], gap="large")
    with left:
        words = dataset_charts.describe_findings(audit.findings)
        draw_chart(dataset_charts.finding_bars(audit.findings), words, overview, f"findings-{name}")
    with right:
        show_finding(audit, name)
    st.header("All findings", anchor=False)
    widths = {
        "finding": st.column_config.TextColumn(width="medium"),
        "in words": st.column_config.TextColumn(width="large"),
    }
    draw_table(overview, "All findings with their counts", f"audit-{name}", column_config=widths)
    st.download_button(
        "All photos concerned",
        encode_csv(audit.offenders()),
        f"audit-{name}.csv",
        "text/csv",
        key=f"offenders-{name}",
        icon=":material/download:",
        on_click="ignore",
    )


def show_finding(audit: Audit, name: str) -> None:
    """One finding of the audit, and the photos that it counts."""
    findings = {finding.title: finding for finding in audit.findings}
    finding = findings[st.selectbox("Look closer at", list(findings), key=f"finding-{name}")]
    st.metric(finding.title, write_count(finding))
    st.markdown(finding.text)
    if finding.rows:
        rows = pd.DataFrame(list(finding.rows))
        rows = rows[[column for column in rows if rows[column].any()]]
        draw_table(rows, finding.title, f"photos-{name}", height=260 if len(rows) > FULL else "content")


def write_count(finding: Finding) -> str:
    """How many photos a finding counts, and of how many."""
    return f"{finding.count:,}" + (f" of {finding.out_of:,}" if finding.out_of else "")
