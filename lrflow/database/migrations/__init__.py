"""The steps by which a programme's file came to its present tables: one numbered file each in `versions/`.

After a change in `lrflow.tables`, draft the next step, read it, set `VERSION` in `lrflow.database.connection`:

    python -m lrflow.database.migrations "what changes" && ruff format lrflow/database/migrations/versions

Before the first release the only step may be deleted and drafted again in the same way ("first tables").
A batch alter on SQLite makes the table anew, and what SQLAlchemy cannot read back is lost without a word: give unnamed
CHECKs again in `table_args`, and make indexes on expressions (`person_email`, `log_number`) again after it.
`tests/test_migrations.py` fails when one is missing. The log's triggers are put back by `lrflow.database.schema`.
There is no way down: a released step is never edited, and the copy in `backups/` is the way back.
"""
