"""All that may be asked about a route, frozen: its records, the programme's, and what is worked out from them."""

from lrflow.facts.derived import DERIVATIONS, day_of, delegation_of
from lrflow.facts.record import DERIVED_REFS, Facts, Record, Waiver, full_day, text_of

__all__ = ["DERIVATIONS", "DERIVED_REFS", "Facts", "Record", "Waiver", "day_of", "delegation_of", "full_day", "text_of"]
