"""What goes out, in words: the texts of `messages/*.toml` read, checked and filled with values."""

from lrflow.messages.completeness import faults, foretells, misfits, outlived, texts_of
from lrflow.messages.filling import fill, flat, plain
from lrflow.messages.overview import overview
from lrflow.messages.reading import CALL, read_messages
from lrflow.messages.shapes import LONGEST_BODY, LONGEST_SUBJECT, Line, NudgeWords, Worded, Words
from lrflow.messages.speech import day_in_words, relative, short_day
from lrflow.messages.wording import alarm, inherited, next_call, next_step, word

__all__ = [
    "CALL",
    "LONGEST_BODY",
    "LONGEST_SUBJECT",
    "Line",
    "NudgeWords",
    "Worded",
    "Words",
    "alarm",
    "day_in_words",
    "faults",
    "fill",
    "flat",
    "foretells",
    "inherited",
    "misfits",
    "next_call",
    "next_step",
    "outlived",
    "overview",
    "plain",
    "read_messages",
    "relative",
    "short_day",
    "texts_of",
    "word",
]
