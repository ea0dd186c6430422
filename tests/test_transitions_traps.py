"""Traps of `transitions` and `sqlmodel` that lrflow walks around: an upgrade that moves one is seen here."""

import gc
import logging
import pickle
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum

import pytest
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine, select
from transitions import Machine, MachineError
from transitions.extensions import GraphMachine, LockedMachine
from transitions.extensions.states import Timeout

SOON = 10  # seconds a thread may take before a test fails; nothing waits that long


def move(trigger="go", source="a", dest="b", **rest):
    return {"trigger": trigger, "source": source, "dest": dest, **rest}


def rules(*moves, kind=Machine, states=("a", "b", "c"), **options):
    """Build the rule book of *moves* (`go` from a to b, if none) as lrflow does, apart from *options*."""
    ours = {"model": None, "initial": None, "auto_transitions": False, "send_event": True, "queued": False}
    return kind(states=list(states), transitions=list(moves) or [move()], **ours | options)


def nothing(event):
    pass


def fail(event):
    raise RuntimeError("broken")


def in_a_thread(act):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result(SOON)


class Attempt:
    def __init__(self, state="a"):
        self.state = state


class Busy(Exception):
    """Raised by `OnlyOne`, where a common lock would wait."""


class OnlyOne:
    """A lock that refuses instead of waiting, so that a test sees who would have waited."""

    def __init__(self):
        self.lock = threading.Lock()

    def __enter__(self):
        if not self.lock.acquire(blocking=False):
            raise Busy

    def __exit__(self, *error):
        self.lock.release()


class TimedMachine(Machine):
    state_cls = Timeout


class Base(SQLModel, registry=registry()):
    """Keeps these tables out of the registry that lrflow's own tables share."""


class Route(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    state: str = "a"
    people: int = 21
    at: datetime | None = None


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'traps.db'}", connect_args={"timeout": 0})
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Route(id=1))
        session.commit()
    yield engine
    engine.dispose()


def test_a_fired_attempt_is_forgotten_at_once(no_collector):
    """lrflow fires `machine.events[name]` on a throwaway attempt and relies on nothing being kept."""
    machine, attempt = rules(), Attempt()
    before = set(vars(attempt))

    assert machine.events["go"].trigger(attempt) is True

    added, ref = set(vars(attempt)) - before, weakref.ref(attempt)
    del attempt
    assert (added, ref(), machine.models) == (set(), None, [])


def test_extra_words_reach_the_guard_through_the_event():
    """lrflow hands its gate facts, waivers and the instant this way."""
    seen = []
    machine = rules(move(conditions=lambda event: seen.append((event.model, event.kwargs)) is None))
    attempt = Attempt()

    machine.events["go"].trigger(attempt, facts="facts", now="noon")

    assert seen == [(attempt, {"facts": "facts", "now": "noon"})]


def test_eight_threads_move_different_routes_through_one_machine():
    """lrflow shares one machine per life and digest."""
    machine, start = rules(move(), move("back", "b", "a")), threading.Barrier(8, timeout=SOON)

    def walk(attempt):
        start.wait()
        return [machine.events[name].trigger(attempt) for name in ("go", "back") * 100 + ("go",)]

    attempts = [Attempt() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(walk, attempts, timeout=SOON))

    assert answers == [[True] * 201] * 8
    assert {attempt.state for attempt in attempts} == {"b"}


def test_registering_an_object_puts_it_back_to_the_initial_state():
    """lrflow registers nothing and gives its machines no initial state."""
    added, built_with = Attempt("c"), Attempt("c")

    rules(initial="a").add_model(added)
    rules(initial="a", model=built_with)

    assert (added.state, built_with.state) == ("a", "a")


def test_a_table_row_cannot_be_registered_or_hashed():
    """lrflow gives the machine a plain attempt, never a row."""
    row = Route()

    with pytest.raises(ValueError, match='"Route" object has no field "trigger"'):
        rules(initial="a").add_model(row)
    with pytest.raises(TypeError, match="unhashable"):
        hash(row)


def test_registering_compares_an_object_with_every_one_before_it():
    """lrflow registers nothing, so ten thousand routes cost no comparison."""

    class Row(Attempt):
        compared = 0

        def __eq__(self, other):
            Row.compared += 1
            return self is other

    rules(initial="a").add_model([Row() for _ in range(20)])

    assert Row.compared == 20 * 19 / 2


def test_a_registered_object_outlives_its_owner_and_then_its_removal(no_collector):
    """lrflow registers nothing, so an attempt is freed when its use case ends."""
    machine, attempt = rules(initial="a"), Attempt()
    machine.add_model(attempt)
    ref = weakref.ref(attempt)
    del attempt
    gc.collect()
    assert ref() is not None

    machine.remove_model(ref())

    assert ref() is not None, "a cycle through its own bound triggers"
    assert ref().go() is True, "removed, yet it still moves"
    gc.collect()
    assert ref() is None


@pytest.mark.parametrize(
    ("kind", "answer", "moved"),
    [
        ("conditions", True, True),
        ("conditions", "yes", False),
        ("conditions", [1], False),
        ("conditions", object(), False),
        ("conditions", None, False),
        ("unless", False, True),
        ("unless", "", False),
        ("unless", [], False),
        ("unless", None, False),
    ],
)
def test_only_a_real_bool_is_heard_from_a_guard(kind, answer, moved):
    """lrflow has one gate per move, and it returns `allowed is True`."""
    machine = rules(move(**{kind: lambda event: answer}))

    assert machine.events["go"].trigger(Attempt()) is moved


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_on_exception_swallows_a_crash_after_the_state_has_moved(error):
    """lrflow never sets `on_exception`."""

    def crash(event):
        raise error

    attempt = Attempt()

    assert rules(move(after=crash), on_exception=nothing).events["go"].trigger(attempt) is False

    assert attempt.state == "b"


def test_an_error_in_after_leaves_the_state_moved():
    """lrflow has no callbacks, and writes only after the decision, in one transaction."""
    attempt = Attempt()

    with pytest.raises(RuntimeError, match="broken"):
        rules(move(after=fail)).events["go"].trigger(attempt)

    assert attempt.state == "b"


def test_an_error_in_finalize_event_is_only_logged(caplog):
    """lrflow never sets `finalize_event`: the log is written in the transaction of the move."""
    assert rules(finalize_event=fail).events["go"].trigger(Attempt()) is True

    assert "RuntimeError occurred: broken" in caplog.text


def test_a_queued_machine_says_yes_to_a_blocked_move():
    """lrflow builds its machines with `queued=False`."""
    attempt = Attempt()

    assert rules(move(conditions=lambda event: False), queued=True).events["go"].trigger(attempt) is True

    assert attempt.state == "a"


def test_an_error_on_one_queued_route_drops_the_promised_move_of_another():
    """lrflow builds its machines with `queued=False`."""
    first, second, told = Attempt(), Attempt(), []

    def guard(event):
        if event.model is first:
            told.append(in_a_thread(lambda: event.event.trigger(second)))
            fail(event)
        return True

    with pytest.raises(RuntimeError):
        rules(move(conditions=guard), queued=True).events["go"].trigger(first)

    assert (told, second.state) == ([True], "a")


@pytest.mark.parametrize(("registered", "waits"), [(False, False), (True, True)])
def test_a_locked_machine_locks_all_registered_objects_behind_one_lock_and_no_others(registered, waits):
    """lrflow locks in the database, and `rev` in the WHERE is the witness."""
    first, second, waited = Attempt(), Attempt(), []

    def guard(event):
        if event.model is first:
            try:
                in_a_thread(lambda: event.event.trigger(second))
                waited.append(False)
            except Busy:
                waited.append(True)
        return True

    machine = rules(move(conditions=guard), kind=LockedMachine, initial="a", machine_context=OnlyOne())
    if registered:
        machine.add_model([first, second])
    machine.events["go"].trigger(first)

    assert waited == [waits]


def test_a_locked_machine_remembers_every_unregistered_object():
    """lrflow uses a plain `Machine`, which keeps nothing."""
    machine, attempts = rules(kind=LockedMachine), [Attempt() for _ in range(10)]

    for attempt in attempts:
        machine.events["go"].trigger(attempt)

    assert len(machine.model_context_map) == 10


@pytest.mark.parametrize("bases", [{}, {"type": str}])
def test_a_row_that_holds_text_is_unknown_to_a_machine_of_enum_states(bases):
    """lrflow's states are plain strings, in the file, the machine and the table."""
    stage = Enum("Stage", {"FIRST": "a", "SECOND": "b"}, **bases)
    machine = rules(move(source=stage.FIRST, dest=stage.SECOND), states=stage)

    with pytest.raises(ValueError, match="State 'a' is not a registered state"):
        machine.events["go"].trigger(Attempt("a"))


def test_one_move_writes_twelve_log_lines_and_none_at_warning(caplog):
    """lrflow sets the library's logger to WARNING."""
    caplog.set_level(logging.DEBUG, "transitions")
    event = rules(move(conditions=lambda event: True, before=nothing, after=nothing)).events["go"]
    event.trigger(Attempt())
    levels = [record.levelname for record in caplog.records]
    caplog.clear()
    caplog.set_level(logging.WARNING, "transitions")
    caplog.handler.setLevel(logging.DEBUG)  # so that the silence is the logger's

    event.trigger(Attempt())

    assert (levels.count("INFO"), levels.count("DEBUG"), caplog.records) == (4, 8, [])


def test_a_refusal_takes_five_forms():
    """lrflow asks first whether the move exists from here, and answers each with a sentence of its own."""
    machine, known = rules(move(conditions=lambda event: False), initial="a"), Attempt()
    machine.add_model(known)

    assert machine.events["go"].trigger(Attempt()) is False, "blocked"
    with pytest.raises(MachineError, match="Can't trigger event go from state c"):
        machine.events["go"].trigger(Attempt("c"))
    with pytest.raises(ValueError, match="'nope' is not a registered state"):
        machine.events["go"].trigger(Attempt("nope"))
    with pytest.raises(KeyError):
        machine.events["nope"]
    with pytest.raises(AttributeError, match="Do not know event named 'nope'"):
        known.trigger("nope")
    assert known.may_trigger("nope") is False


def test_a_bug_in_a_guard_looks_like_an_unknown_move():
    """lrflow catches nothing here: it looks the move up first, so an `AttributeError` is a bug."""
    machine, attempt = rules(move(conditions=lambda event: event.model.misspelt), initial="a"), Attempt()
    machine.add_model(attempt)

    for name in ("go", "nope"):
        with pytest.raises(AttributeError):
            attempt.trigger(name)


def test_a_misspelt_destination_fails_only_after_before_and_exit_have_run():
    """lrflow refuses a definition with an unknown state before a machine is built."""
    ran = []
    machine = rules(move(dest="bb", before=lambda event: ran.append("before")))
    machine.states["a"].on_exit.append(lambda event: ran.append("exit"))

    with pytest.raises(ValueError, match="'bb' is not a registered state"):
        machine.events["go"].trigger(Attempt())

    assert ran == ["before", "exit"]


@pytest.mark.parametrize("dest", ["", None])
def test_an_empty_destination_is_a_silent_move_to_nowhere(dest):
    """lrflow refuses a definition with a move that names no destination."""
    attempt = Attempt()

    assert rules(move(dest=dest)).events["go"].trigger(attempt) is True

    assert attempt.state == "a"


def test_a_misspelt_guard_or_source_is_found_only_when_a_move_is_tried():
    """lrflow checks every name of a definition when it reads the file."""
    machine = rules(move(conditions="misspelt"), move("stop", source="aa"))

    with pytest.raises(AttributeError, match="Callable with name 'misspelt'"):
        machine.events["go"].trigger(Attempt())
    with pytest.raises(MachineError):
        machine.events["stop"].trigger(Attempt())


def test_doubled_states_unreachable_states_and_rival_moves_are_accepted():
    """lrflow's reading of a definition names all three as faults."""
    machine, attempt = rules(move(), move(dest="c"), states=("a", "a", "b", "c", "island")), Attempt()

    machine.events["go"].trigger(attempt)

    assert (list(machine.states), attempt.state) == (["a", "b", "c", "island"], "b")


def test_mermaid_output_escapes_no_ids_and_marks_no_end():
    """lrflow draws its own diagrams."""
    drawing = {"kind": GraphMachine, "graph_engine": "mermaid", "model": "self", "initial": "follow-up"}
    states = ("follow-up", {"name": "closed", "final": True})

    text = rules(move("close", "follow-up", "closed"), states=states, **drawing).get_graph().source

    assert "follow-up --> closed: close" in text, "a dash is a syntax error in an id"
    assert "--> [*]" not in text


def test_a_graph_machine_needs_registering_and_keeps_the_graph_of_a_removed_object():
    """lrflow moves nothing through a machine that draws."""
    machine, attempt = rules(kind=GraphMachine, graph_engine="mermaid", initial="a"), Attempt()
    with pytest.raises(KeyError):
        machine.events["go"].trigger(attempt)
    machine.add_model(attempt)

    machine.remove_model(attempt)

    assert id(attempt) in machine.model_graphs


def test_a_timeout_is_a_thread_per_object_that_no_restart_brings_back():
    """lrflow keeps what is due in rows, found by one scan."""
    waiting = {"name": "b", "timeout": 3600, "on_timeout": nothing}
    states = ("a", waiting, "c")
    machine = rules(move(), move("on", "b", "c"), kind=TimedMachine, states=states)
    runner, attempt, restored = machine.states["b"].runner, Attempt(), Attempt("b")
    pickle.dumps(machine)  # possible while nobody waits

    machine.events["go"].trigger(attempt)

    timer = runner[id(attempt)]
    try:
        assert isinstance(timer, threading.Timer) and timer in threading.enumerate()
        assert id(restored) not in runner, "waiting by its row, yet nothing will fire"
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(machine)
    finally:
        machine.events["on"].trigger(attempt)
        timer.cancel()
    assert id(attempt) in runner, "left, yet remembered by its address"


def test_asking_may_runs_the_prepare_callbacks_and_says_no_for_a_crash():
    """lrflow asks `decide`, which is pure and says why."""
    ran, attempt = [], Attempt()
    guarded = move(prepare=lambda event: ran.append("prepare"), conditions=fail)
    prepared = {"prepare_event": lambda event: ran.append("event"), "on_exception": nothing}
    rules(guarded, initial="a", model=attempt, **prepared)

    assert attempt.may_go() is False

    assert ran == ["event", "prepare"]


def test_auto_transitions_pass_every_guard_and_crowd_the_list():
    """lrflow builds its machines with `auto_transitions=False`, so no such event exists."""
    blocked, attempt = move(conditions=lambda event: False), Attempt()
    open_doors, closed_doors = rules(blocked, auto_transitions=True), rules(blocked)

    assert open_doors.events["to_c"].trigger(attempt) is True

    assert attempt.state == "c"
    assert sorted(open_doors.get_triggers("a")) == ["go", "to_a", "to_b", "to_c"]
    assert list(closed_doors.events) == ["go"]


def test_get_triggers_lists_moves_whose_guard_says_no():
    """lrflow judges every guard of every move that it lists."""
    machine = rules(move(conditions=lambda event: False))

    assert machine.get_triggers("a") == ["go"]


def test_a_star_takes_in_final_states_and_leaves_out_later_ones():
    """lrflow lists the sources of each move."""
    machine = rules(move("cancel", "*", "b"), states=("a", "b", {"name": "end", "final": True}))
    machine.add_states(["later"])
    attempt = Attempt("end")

    assert machine.events["cancel"].trigger(attempt) is True

    assert attempt.state == "b"
    with pytest.raises(MachineError):
        machine.events["cancel"].trigger(Attempt("later"))


def test_one_class_with_on_enter_changes_the_state_for_all_others():
    """lrflow registers nothing and gives no method a name the library looks for."""

    class Greeter(Attempt):
        def on_enter_b(self, event):
            pass

    machine, plain = rules(initial="a"), Attempt()
    machine.add_model(Greeter())

    with pytest.raises(AttributeError, match="on_enter_b"):
        machine.events["go"].trigger(plain)

    assert plain.state == "b"


def test_a_field_with_the_name_of_a_move_wins_and_the_move_is_missing(caplog):
    """lrflow fires `machine.events[name]`, where no field can stand in the way."""
    attempt = Attempt()
    attempt.hold = "a text"

    rules(move("hold"), initial="a", model=attempt)

    assert attempt.hold == "a text"
    assert "Skip binding of 'hold'" in caplog.text


def test_model_override_binds_only_stubs_and_takes_equal_objects_for_one(caplog):
    """lrflow binds nothing to anything."""

    @dataclass
    class Row:
        state: str = "a"

        def go(self):
            raise NotImplementedError

    machine, first, second = rules(states=("a", "b"), initial="a", model_override=True), Row(), Row()

    machine.add_model([first, second])

    assert len(machine.models) == 1
    assert first.go() is True
    with pytest.raises(NotImplementedError):
        second.go()
    skipped = [record.getMessage().split("'")[1] for record in caplog.records]
    assert skipped == ["trigger", "may_trigger", "may_go", "is_a", "is_b"]


def test_without_send_event_every_guard_must_take_every_word_of_the_caller():
    """lrflow builds its machines with `send_event=True`."""
    machine = rules(move(conditions=lambda: True), send_event=False)

    with pytest.raises(TypeError, match="unexpected keyword argument 'actor'"):
        machine.events["go"].trigger(Attempt(), actor="ana")


def test_the_first_guard_that_fails_hides_the_rest():
    """lrflow's one gate judges all guards, always."""
    asked = []
    guards = [lambda event, n=n: asked.append(n) is not None for n in (1, 2)]

    rules(move(conditions=guards)).events["go"].trigger(Attempt())

    assert asked == [1]


def test_four_threads_make_the_same_move_of_one_object():
    """lrflow takes the write lock of the database before it decides, and `rev` is the witness."""
    inside, made, attempt = threading.Barrier(4, timeout=SOON), [], Attempt()
    machine = rules(move(conditions=lambda event: inside.wait() >= 0, after=made.append))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: machine.events["go"].trigger(attempt), range(4), timeout=SOON))

    assert (answers, len(made)) == ([True] * 4, 4)


def test_a_table_row_accepts_a_value_of_the_wrong_type():
    """lrflow checks values at the doors, against its catalogue of fields."""
    row = Route(at="nonsense", people="many")

    assert (row.at, row.people) == ("nonsense", "many")


def test_an_aware_instant_comes_back_in_utc_and_a_naive_one_is_refused(engine):
    """lrflow's instants are aware and in UTC, and it requires a `sqlmodel` that keeps them so."""
    noon = datetime(2016, 8, 28, 12, tzinfo=timezone(timedelta(hours=5)))
    with Session(engine) as session:
        session.add(Route(id=2, at=noon))
        session.commit()

    with Session(engine) as session:
        at = session.get(Route, 2).at
        session.add(Route(id=3, at=noon.replace(tzinfo=None)))
        with pytest.raises(StatementError, match="must have timezone information"):
            session.commit()

    assert (at, at.tzinfo) == (noon, UTC)


def test_of_two_sessions_that_both_read_the_second_wins_in_silence(engine):
    """lrflow writes a route `WHERE id = ? AND rev = ?` and says who was first."""
    with Session(engine) as ana, Session(engine) as ben:
        first, second = ana.get(Route, 1), ben.get(Route, 1)
        first.state = "b"
        ana.commit()

        second.state = "c"
        ben.commit()

    with Session(engine) as session:
        assert session.exec(select(Route.state)).one() == "c"


def test_a_fact_can_change_between_the_guard_and_the_write(engine):
    """lrflow opens every unit that will write with `BEGIN IMMEDIATE`, so the other writer waits."""
    with Session(engine) as deciding, Session(engine) as withdrawing:
        route = deciding.get(Route, 1)
        seen = deciding.exec(select(Route.people)).one()
        withdrawing.get(Route, 1).people = 20
        withdrawing.commit()
        route.state = "b"
        deciding.commit()

    with Session(engine) as session:
        assert (seen, session.exec(select(Route.people, Route.state)).one()) == (21, (20, "b"))
