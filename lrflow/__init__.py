"""Keep Learning Routes moving: five steps, guards that say why not, nudges that know when to stop.

The map of this house, from the doors down. Imports run down it, never up (pyproject.toml holds the contract).

    __main__            run the command line as `lrflow` or `python -m lrflow`
    cli                 door one: words into values, values into words, errors into exit codes
    commands/           the verbs: each parses, calls one use case, prints
    daemon              door two: call one tick again and again until told to stop
    demo/               a real route lived day by day, through the same use cases
    nudges/             use cases of what goes out: plan, preview, assemble, send, close, tell
    lists/              use cases of whole lists: workbooks out and in, foreign lists, exports
    history/            use cases of what was done: take it back, note something beside it
    handing/            use cases of a change of hands: hand over, take over, be away
    service/            keep `run` running: install it with the service manager, and tell that how it fares
    doctor/             look over the programme and this computer, and say what is not right
    routes/             use cases of a route: look, advance, back, hold, waive, postpone
    tracks/             use cases of the lives beside it: add, set, mark, attach, remove, replace
    store/              the deciding path to the data: plain SQL; alone it writes states, log, nudges, messages
    records             the editing path to the data: SQLModel, inside the same transaction
    channels/           carry one letter to one person: drafts, e-mail
    messages/           put nudges into words, in the reader's language
    render              show decisions and rows as text or JSON
    sheets/             read and write files of rows and columns
    machine             decide one move: facts in, a decision or a refusal out
    planner/            say what is due when, to whom: rules, facts, ledger in, intended nudges out
    rows                between a row and the values of a record
    guards              judge needs against facts: findings with numbers, ids and what to type
    workflow/           read and check the folders in workflows/, pinned by digest
    checks              the few generic checks that guards are made of
    definition          the frozen shape of a workflow
    facts/              all that may be asked about a route, frozen, and what is worked out from it
    catalogue/          every kind of record and every field; how they are typed
    database/           one transaction at a time; the schema and its migrations
    calendars/          working days, zones, spans of time
    settings            the settings of this computer, without secrets
    tables/             the rows, and what the database itself forbids
    clock               the one place that asks what time it is
    errors              every refusal, with its sentence and its exit code

One command's way: read once, decide purely, write once. A use case opens one transaction (`database.begin`), reads the
facts (`store.facts_of`), asks a pure function (`machine`, `guards`, `planner`), writes what was decided (`store`), and
only then does anything leave the process.
"""

__version__ = "0.1.0"
