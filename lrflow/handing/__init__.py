"""Use cases of a change of hands: a colleague takes over the programme, someone is away."""
