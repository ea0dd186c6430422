"""Use cases of a change of hands: a colleague takes over the programme, someone is away.

Nothing is imported here: every status looks at `looking`, and need not load what a handover takes.
"""
