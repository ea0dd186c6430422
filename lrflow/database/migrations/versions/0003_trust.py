"""What follow-up that people trust needs: calendars of a person, who asked for silence, addresses, pauses, alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# What was said of a person was always about the address.
_BOUNCED = """
    INSERT INTO address (email, state, soft, since_us, detail)
    SELECT lower(email), 'dead', 0, coalesce((SELECT max(recorded_us) FROM log), 0), 'mail came back'
    FROM person WHERE bounced = TRUE AND email IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("actor", sa.Integer(), nullable=True),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_opt_out_person_person")),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_opt_out_route_id_route")),
        sa.ForeignKeyConstraint(["actor"], ["person.id"], name=op.f("fk_opt_out_actor_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    op.create_index(op.f("ix_opt_out_person"), "opt_out", ["person"], unique=False)
    op.create_table(
        "address",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("soft", sa.Integer(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('good', 'suspect', 'dead')", name=op.f("ck_address_state")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_address")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("until_on", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["route_id"], ["route.id"], name=op.f("fk_pause_route_id_route")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_route_id"), "pause", ["route_id"], unique=False)
    op.create_table(
        "alarm",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alarm")),
    )
    # Plain ALTERs: making these tables anew would drop their expression indexes.
    op.add_column("nudge", sa.Column("moved_on", sa.String(), nullable=True))
    op.add_column("nudge", sa.Column("woken", sa.Boolean(), nullable=True))
    op.add_column("nudge", sa.Column("foreseen_us", sa.BigInteger(), nullable=True))
    op.add_column("nudge", sa.Column("accepted_us", sa.BigInteger(), nullable=True))
    op.create_index(
        "nudge_held",
        "nudge",
        ["reason"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "nudge_owed",
        "nudge",
        ["person", "due_us"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'held')"),
        postgresql_where=sa.text("state IN ('planned', 'held')"),
    )
    op.add_column("sender", sa.Column("seen_us", sa.BigInteger(), nullable=True))
    op.add_column("sender", sa.Column("uptime_us", sa.BigInteger(), nullable=True))
    op.add_column("sender", sa.Column("boot", sa.String(), nullable=True))
    op.add_column("sender", sa.Column("begun", sa.Integer(), nullable=True))
    op.execute(_BOUNCED)
    op.drop_column("person", "bounced")
    for table in ("person", "organisation"):
        op.add_column(table, sa.Column("weekend", sa.String(), nullable=True))
        op.add_column(table, sa.Column("hours", sa.String(), nullable=True))
