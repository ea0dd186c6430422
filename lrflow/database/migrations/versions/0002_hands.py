"""What bulk work, undo, notices and handing over need."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "header_map",
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column("kept_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("headers", name=op.f("pk_header_map")),
    )
    op.create_table(
        "notice",
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("people", sa.String(), nullable=False),
        sa.Column("on_day", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_notice_route_id_route")),
        sa.PrimaryKeyConstraint("route_id", "number", name=op.f("pk_notice")),
    )
    op.create_table(
        "personal_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_personal_change_person_person")),
        sa.PrimaryKeyConstraint("number", "person", "field", name=op.f("pk_personal_change")),
    )
    # Plain ALTERs: making these tables anew would drop their expression indexes and the log's triggers.
    op.add_column("log", sa.Column("shared_batch", sa.Integer(), nullable=True))
    op.add_column("programme", sa.Column("closed_us", sa.BigInteger(), nullable=True))
    op.add_column("programme", sa.Column("closed_for", sa.String(), nullable=True))
    op.add_column("route", sa.Column("removed_us", sa.BigInteger(), nullable=True))
    op.add_column("person", sa.Column("away_until", sa.String(), nullable=True))
    op.execute("ALTER TABLE person ADD COLUMN deputy INTEGER CONSTRAINT fk_person_deputy_person REFERENCES person (id)")
