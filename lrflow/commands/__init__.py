"""The verbs: each parses its words, calls one use case, and prints what came of it."""
