"""The first tables: patients, lesions, visits, photos, answers, readings, reports, outcomes, and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# A line of the history may go only when its patient or its lesion is gone.
GONE = """(OLD.patient_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM patients WHERE id = OLD.patient_id))
    OR (OLD.lesion_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lesions WHERE id = OLD.lesion_id))"""
REFUSAL = "the history cannot be changed"
SQLITE = (
    f"CREATE TRIGGER changes_stay BEFORE UPDATE ON changes BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER changes_remain BEFORE DELETE ON changes WHEN NOT ({GONE}) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    f"""CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF {GONE} THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
    END $$""",
    "CREATE TRIGGER changes_stay BEFORE UPDATE OR DELETE ON changes FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER changes_remain BEFORE TRUNCATE ON changes EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "changes",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("table", sa.String(length=80), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=True),
        sa.Column("lesion_id", sa.String(length=32), nullable=True),
        sa.Column("old", sa.JSON(), nullable=True),
        sa.Column("new", sa.JSON(), nullable=True),
        sa.CheckConstraint("action IN ('added', 'changed', 'deleted')", name=op.f("changes_action_ck")),
        sa.CheckConstraint("who <> ''", name=op.f("changes_who_filled_ck")),
        sa.PrimaryKeyConstraint("number", name=op.f("changes_pk")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("changes_at_ix"), "changes", ["at"], unique=False)
    op.create_index(op.f("changes_lesion_id_ix"), "changes", ["lesion_id"], unique=False)
    op.create_index(op.f("changes_patient_id_ix"), "changes", ["patient_id"], unique=False)
    op.create_index(op.f("changes_record_id_ix"), "changes", ["record_id"], unique=False)
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("contents_pk")),
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(length=80), nullable=False),
        sa.Column("skin_type", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("reference <> ''", name=op.f("patients_reference_filled_ck")),
        sa.CheckConstraint("sex IN ('', 'female', 'male', 'other')", name=op.f("patients_sex_ck")),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2100", name=op.f("patients_birth_year_ck")),
        sa.CheckConstraint("skin_type BETWEEN 1 AND 6", name=op.f("patients_skin_type_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("patients_pk")),
        sa.UniqueConstraint("reference", name=op.f("patients_reference_uq")),
    )
    op.create_table(
        "lesions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=80), nullable=False),
        sa.Column("side", sa.String(length=80), nullable=False),
        sa.Column("view", sa.String(length=80), nullable=False),
        sa.Column("x", sa.Float(), nullable=True),
        sa.Column("y", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(view = '') = (x IS NULL) AND (view = '') = (y IS NULL)", name=op.f("lesions_place_ck")),
        sa.CheckConstraint("label <> ''", name=op.f("lesions_label_filled_ck")),
        sa.CheckConstraint("side IN ('', 'left', 'right')", name=op.f("lesions_side_ck")),
        sa.CheckConstraint(
            "site IN ('scalp', 'face', 'ear', 'lip', 'neck', 'shoulder', 'chest', 'abdomen', "
            "'upper-back', 'lower-back', 'buttock', 'genitals', 'upper-arm', 'forearm', "
            "'hand', 'thigh', 'lower-leg', 'foot', 'nail', 'other')",
            name=op.f("lesions_site_ck"),
        ),
        sa.CheckConstraint("view IN ('', 'front', 'back')", name=op.f("lesions_view_ck")),
        sa.CheckConstraint("x BETWEEN 0 AND 1", name=op.f("lesions_x_ck")),
        sa.CheckConstraint("y BETWEEN 0 AND 1", name=op.f("lesions_y_ck")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("lesions_patient_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("lesions_pk")),
        sa.UniqueConstraint("patient_id", "label", name=op.f("lesions_patient_id_label_uq")),
    )
    op.create_index(op.f("lesions_patient_id_ix"), "lesions", ["patient_id"], unique=False)
    op.create_index(op.f("lesions_site_ix"), "lesions", ["site"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lesion_id", sa.String(length=32), nullable=False),
        sa.Column("diagnosis", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other')",
            name=op.f("outcomes_diagnosis_ck"),
        ),
        sa.CheckConstraint("source IN ('histology', 'consensus', 'follow-up')", name=op.f("outcomes_source_ck")),
        sa.CheckConstraint("who <> ''", name=op.f("outcomes_who_filled_ck")),
        sa.ForeignKeyConstraint(["lesion_id"], ["lesions.id"], name=op.f("outcomes_lesion_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("outcomes_pk")),
    )
    op.create_index(op.f("outcomes_date_ix"), "outcomes", ["date"], unique=False)
    op.create_index(op.f("outcomes_diagnosis_ix"), "outcomes", ["diagnosis"], unique=False)
    op.create_index(op.f("outcomes_lesion_id_ix"), "outcomes", ["lesion_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lesion_id", sa.String(length=32), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("follow_up_due", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("follow_up_due >= date", name=op.f("visits_follow_up_due_ck")),
        sa.ForeignKeyConstraint(["lesion_id"], ["lesions.id"], name=op.f("visits_lesion_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("visits_pk")),
    )
    op.create_index(op.f("visits_date_ix"), "visits", ["date"], unique=False)
    op.create_index(op.f("visits_follow_up_due_ix"), "visits", ["follow_up_due"], unique=False)
    op.create_index(op.f("visits_lesion_id_ix"), "visits", ["lesion_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(length=32), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("quality", sa.String(length=80), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("malignancy", sa.Float(), nullable=False),
        sa.Column("decision", sa.String(length=80), nullable=False),
        sa.Column("operating_point", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("run", sa.String(length=80), nullable=False),
        sa.Column("run_sha256", sa.String(length=64), nullable=False),
        sa.Column("app_version", sa.String(length=80), nullable=False),
        sa.Column("skin_tone", sa.Float(), nullable=True),
        sa.Column("wrong_by", sa.String(length=80), nullable=False),
        sa.Column("wrong_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong_note", sa.Text(), nullable=False),
        sa.CheckConstraint("(wrong_at IS NULL) = (wrong_by = '')", name=op.f("answers_wrong_ck")),
        sa.CheckConstraint("decision IN ('refer', 'undecided', 'routine')", name=op.f("answers_decision_ck")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("answers_visit_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("answers_pk")),
    )
    op.create_index(op.f("answers_decision_ix"), "answers", ["decision"], unique=False)
    op.create_index(op.f("answers_made_ix"), "answers", ["made"], unique=False)
    op.create_index(op.f("answers_visit_id_ix"), "answers", ["visit_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(length=32), nullable=False),
        sa.Column("stored", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("taken", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name=op.f("photos_sha256_fk")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("photos_visit_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("photos_pk")),
    )
    op.create_index(op.f("photos_sha256_ix"), "photos", ["sha256"], unique=False)
    op.create_index(op.f("photos_visit_id_ix"), "photos", ["visit_id"], unique=False)
    op.create_table(
        "readings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(length=32), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("diagnosis", sa.String(length=80), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("management", sa.String(length=80), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("after_support", sa.Boolean(), nullable=False),
        sa.Column("answer_id", sa.String(length=32), nullable=True),
        sa.Column("revises", sa.String(length=32), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other', 'unsure')",
            name=op.f("readings_diagnosis_ck"),
        ),
        sa.CheckConstraint(
            "management IN ('excise', 'biopsy', 'treat', 'refer', 'short-follow-up', 'follow-up', 'none')",
            name=op.f("readings_management_ck"),
        ),
        sa.CheckConstraint("reader <> ''", name=op.f("readings_reader_filled_ck")),
        sa.CheckConstraint(
            "role IN ('dermatologist', 'trainee', 'gp', 'nurse', 'other')", name=op.f("readings_role_ck")
        ),
        sa.CheckConstraint("answer_id IS NULL OR after_support", name=op.f("readings_answer_id_ck")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name=op.f("readings_confidence_ck")),
        sa.CheckConstraint("seconds >= 0", name=op.f("readings_seconds_ck")),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("readings_answer_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["revises"],
            ["readings.id"],
            name=op.f("readings_revises_fk"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("readings_visit_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("readings_pk")),
    )
    op.create_index(op.f("readings_answer_id_ix"), "readings", ["answer_id"], unique=False)
    op.create_index(op.f("readings_diagnosis_ix"), "readings", ["diagnosis"], unique=False)
    op.create_index(op.f("readings_made_ix"), "readings", ["made"], unique=False)
    op.create_index(op.f("readings_revises_ix"), "readings", ["revises"], unique=False)
    op.create_index(op.f("readings_visit_id_ix"), "readings", ["visit_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.String(length=32), nullable=False),
        sa.Column("answer_id", sa.String(length=32), nullable=True),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("format", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("reports_answer_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name=op.f("reports_sha256_fk")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("reports_visit_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pk")),
    )
    op.create_index(op.f("reports_answer_id_ix"), "reports", ["answer_id"], unique=False)
    op.create_index(op.f("reports_sha256_ix"), "reports", ["sha256"], unique=False)
    op.create_index(op.f("reports_visit_id_ix"), "reports", ["visit_id"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
