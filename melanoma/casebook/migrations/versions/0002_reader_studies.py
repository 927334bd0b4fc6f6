"""Reader studies: the study, its cases, its readers, and their readings, which stay as they were saved."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    "CREATE TRIGGER study_readings_stay BEFORE UPDATE ON study_readings "
    "BEGIN SELECT RAISE(ABORT, 'a reading of a study cannot be changed'); END"
)
POSTGRESQL = (
    """CREATE FUNCTION refuse_new_reading() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a reading of a study cannot be changed' USING ERRCODE = 'restrict_violation';
    END $$""",
    "CREATE TRIGGER study_readings_stay BEFORE UPDATE ON study_readings "
    "FOR EACH ROW EXECUTE FUNCTION refuse_new_reading()",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "studies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("washout_days", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=80), nullable=False),
        sa.Column("run_sha256", sa.String(length=64), nullable=False),
        sa.Column("operating_point", sa.String(length=80), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("studies_name_filled_ck")),
        sa.CheckConstraint("washout_days BETWEEN 0 AND 365", name=op.f("studies_washout_days_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("studies_pk")),
        sa.UniqueConstraint("name", name=op.f("studies_name_uq")),
    )
    op.create_table(
        "study_cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=80), nullable=False),
        sa.Column("truth", sa.String(length=80), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("early", sa.Boolean(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("malignancy", sa.Float(), nullable=False),
        sa.Column("decision", sa.String(length=80), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "truth IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC')", name=op.f("study_cases_truth_ck")
        ),
        sa.CheckConstraint("decision IN ('refer', 'undecided', 'routine')", name=op.f("study_cases_decision_ck")),
        sa.ForeignKeyConstraint(["sha256"], ["contents.sha256"], name=op.f("study_cases_sha256_fk")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("study_cases_study_id_fk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("study_cases_pk")),
        sa.UniqueConstraint("study_id", "number", name=op.f("study_cases_study_id_number_uq")),
    )
    op.create_index(op.f("study_cases_sha256_ix"), "study_cases", ["sha256"], unique=False)
    op.create_index(op.f("study_cases_study_id_ix"), "study_cases", ["study_id"], unique=False)
    op.create_table(
        "study_readers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.String(length=32), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("joined", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('dermatologist', 'trainee', 'gp', 'nurse', 'other')", name=op.f("study_readers_role_ck")
        ),
        sa.CheckConstraint("half BETWEEN 0 AND 1", name=op.f("study_readers_half_ck")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("study_readers_study_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("study_readers_pk")),
        sa.UniqueConstraint("study_id", "reader", name=op.f("study_readers_study_id_reader_uq")),
    )
    op.create_index(op.f("study_readers_study_id_ix"), "study_readers", ["study_id"], unique=False)
    op.create_table(
        "study_readings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("supported", sa.Boolean(), nullable=False),
        sa.Column("diagnosis", sa.String(length=80), nullable=False),
        sa.Column("refers", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "diagnosis IN ('AK', 'BCC', 'DF', 'MEL', 'NV', 'PBK', 'SCC', 'SK', 'VASC', 'other')",
            name=op.f("study_readings_diagnosis_ck"),
        ),
        sa.CheckConstraint("session BETWEEN 1 AND 2", name=op.f("study_readings_session_ck")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name=op.f("study_readings_confidence_ck")),
        sa.CheckConstraint("seconds >= 0", name=op.f("study_readings_seconds_ck")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["study_cases.id"], name=op.f("study_readings_case_id_fk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["study_readers.id"], name=op.f("study_readings_reader_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("study_readings_pk")),
        sa.UniqueConstraint(
            "reader_id", "case_id", "supported", name=op.f("study_readings_reader_id_case_id_supported_uq")
        ),
        sa.UniqueConstraint("reader_id", "session", "place", name=op.f("study_readings_reader_id_session_place_uq")),
    )
    op.create_index(op.f("study_readings_case_id_ix"), "study_readings", ["case_id"], unique=False)
    op.create_index(op.f("study_readings_reader_id_ix"), "study_readings", ["reader_id"], unique=False)
    for statement in (SQLITE,) if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
