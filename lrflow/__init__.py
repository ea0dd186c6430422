"""Keep Learning Routes moving: five steps, guards that say why not, nudges that know when to stop."""

__version__ = "0.1.0"
