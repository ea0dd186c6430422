"""Open the database and hold one transaction at a time: begun immediately when it will write, whole or not at all."""

from lrflow.database.connection import Database, Row, Unit
from lrflow.database.schema import VERSION, create, upgrade

__all__ = ["VERSION", "Database", "Row", "Unit", "create", "upgrade"]
