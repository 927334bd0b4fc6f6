"""What the network learned from, what is wrong with it, and the same questions for a folder of one's own."""

from collections.abc import Callable

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from pages.dataset_tabs.audit_a_folder import audit_a_folder
from pages.dataset_tabs.data_quality import show_data_quality
from pages.dataset_tabs.training_photos import show_training_photos

LOCAL = {None, "127.0.0.1", "::1", "localhost"}
<<<<<<< HEAD
TABS = ("Training photos", "What is wrong with them", "Audit a folder")


def training_photos() -> None:
    """Counts of one run's split by diagnosis, source and split."""
    known = {run.name: run for run in opened.all_runs()[0] if run.split is not None}
    if not known:
        st.info("No trained run is here yet, so there is no training table to show.", icon=":material/dataset:")
        st.markdown("`python -m melanoma train DATA --name NAME` makes one.")
        return
    names = sorted(known, key=lambda name: (name != runs.DEFAULT_RUN, name))
    run = known[st.selectbox("Run", names, key="run", bind="query-params")]
    by_split, by_source = contents.count_by_split(run.split), contents.count_by_source(run.split)
    with st.container(horizontal=True):
        st.metric("Photos", f"{len(run.split):,}")
        st.metric("Lesions", f"{run.split['group'].nunique():,}")
        for name in SPLITS:
            if photos := int((run.split["split"] == name).sum()):
                st.metric(f"In {name}", f"{photos:,}")
    if run.facts.get("protocol") == "leaky":
        st.warning(
            "This run was split at random after its pictures were multiplied: the same picture is on both sides."
        )
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Photos per diagnosis", anchor=False)
        words = charts_dataset.count_words(by_split)
        chart(charts_dataset.diagnosis_bars(by_split), words, by_split, "photos-per-diagnosis")
        st.caption("◆ counted as malignant, ◇ benign. Figures for diagnoses with few photos are uncertain.")
    with right:
        st.header("Where they come from", anchor=False)
        words = charts_dataset.source_words(by_source)
        chart(charts_dataset.source_map(by_source), words, by_source, "photos-per-source")
        st.caption(f"Brighter: a larger share of the diagnosis. {words}")
    st.header("Photos and lesions per split", anchor=False)
    table(by_split, "Photos and lesions per diagnosis and split", "photos-per-split")
    st.caption("Photos of one lesion, and near-identical pictures, are kept in the same split.")


def shown(found: audit.Audit, name: str) -> None:
    """An audit's findings as a chart, a table and the photos they concern."""
    words = charts_dataset.finding_words(found.findings)
    st.caption(f"{found.photos:,} photos, audited on {found.made[:10]}.")
    overview = pd.DataFrame([{"finding": f.title, "count": counted(f), "in words": f.text} for f in found.findings])
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart(charts_dataset.finding_bars(found.findings), words, overview, f"findings-{name}")
    with right:
        keyed = {f.title: f for f in found.findings}
        finding = keyed[st.selectbox("Look closer at", list(keyed), key=f"finding-{name}")]
        st.metric(finding.title, counted(finding))
        st.markdown(finding.text)
        if finding.rows:
            rows = pd.DataFrame(list(finding.rows))
            rows = rows[[column for column in rows if rows[column].any()]]
            table(rows, finding.title, f"photos-{name}", height=260 if len(rows) > 6 else "content")
    st.header("All findings", anchor=False)
    widths = {
        "finding": st.column_config.TextColumn(width="medium"),
        "in words": st.column_config.TextColumn(width="large"),
    }
    table(overview, "All findings with their counts", f"audit-{name}", column_config=widths)
    st.download_button(
        "All photos concerned", found.offenders().to_csv(index=False), f"audit-{name}.csv", "text/csv",
        key=f"offenders-{name}", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def counted(finding: Finding) -> str:
    return f"{finding.count:,}" + (f" of {finding.out_of:,}" if finding.out_of else "")


def public_findings() -> None:
    st.markdown(
        "The public collections hold mislabelled, repeated and leaking photos. Before training, labels were settled "
        "from independent tables, photos that could not be settled were left out, and lesions were kept together."
    )
    try:
        found = audit.load()
    except audit.AuditError as error:
        st.info(f"{error}", icon=":material/rule:")
        return
    shown(found, "public")
    st.caption("Made again by `python -m melanoma audit DATA --out FOLDER`.")


def own_folder() -> None:
    """The audit on a folder of this computer."""
    st.markdown(
        "One folder a diagnosis (`nevus/photo.jpg`), with `Train` and `Test` above them or not. Photos are only read."
    )
    with st.form("own", border=False):
        path = st.text_input("Folder on this computer", placeholder="/home/me/photos", key="path")
        asked = st.form_submit_button("Audit this folder", icon=":material/rule:")
    if asked:
        st.session_state.pop("audit", None)
        if not path.strip():
            st.warning("Type the path of a folder first.")
            return
        bar = st.progress(0.0, "Reading file names …")

        def progress(items, total):
            for done, item in enumerate(items, 1):
                if done % 20 == 0 or done == total:
                    bar.progress(done / total, f"Photo {done:,} of {total:,}")
                yield item

        try:
            st.session_state["audit"] = audit.audit(Path(path.strip()).expanduser(), progress)
        except audit.AuditError as error:
            st.error(str(error), icon=":material/folder_off:")
        except OSError as error:
            st.error(
                f"This folder cannot be read ({error.strerror}): check its permissions.", icon=":material/folder_off:"
            )
        bar.empty()
    if found := st.session_state.get("audit"):
        st.header(found.folder, anchor=False)
        shown(found, "own")
=======
AUDIT = "Audit a folder"
TABS: dict[str, Callable[[], None]] = {
    "Training photos": show_training_photos,
    "Data quality": show_data_quality,
    AUDIT: audit_a_folder,
}
>>>>>>> h-pages


def runs_locally() -> bool:
    """Whether browser and server share a computer: a visitor from elsewhere must not name paths on this one."""
    headers = st.context.headers
    forwarded = any(name.lower() in ("x-forwarded-for", "forwarded", "x-real-ip") for name in headers)
    host = (headers.get("Host") or "localhost").rsplit(":", 1)[0].strip("[]")
    return st.context.ip_address in LOCAL and host in LOCAL and not forwarded


st.title("Dataset", anchor=False)
st.caption(RESEARCH_USE)
tabs = {name: show for name, show in TABS.items() if name != AUDIT or runs_locally()}
for (_, show), tab in zip(tabs.items(), st.tabs(list(tabs), key="tab", bind="query-params"), strict=True):
    if tab.open:
        with tab:
            show()
