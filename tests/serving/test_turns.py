"""A line in front of the network: first come, first served; bounded; a place is given up by who leaves."""

from threading import Event, Thread

import pytest

from melanoma.serving import turns as module
from melanoma.serving.turns import TooBusyError, Turns

SOON = 30  # seconds until a thread is given up on; it takes milliseconds


class LeftError(Exception):
    """Stands for what Streamlit ends a script with."""


class Visitor(Thread):
    """Takes a turn, says its places in line, works until it is let go."""

    def __init__(self, turns: Turns, *, leaves_at: int | None = None, always: bool = False, writes_to=None, **more):
        super().__init__(daemon=True)
        self.turns, self.leaves_at, self.always = turns, leaves_at, always
        self.who, self.job = more.get("who"), more.get("job")
        self.places: list[int] = []
        self.writes_to = [] if writes_to is None else writes_to
        self.in_line, self.is_first, self.at_work, self.done = Event(), Event(), Event(), Event()
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with self.turns.take(self.hear, always=self.always, visitor=self.who, work=self.job):
                self.writes_to.append(self)
                self.at_work.set()
                self.done.wait(SOON)
        except (LeftError, TooBusyError) as error:
            self.error = error

    def hear(self, place: int) -> None:
        self.places.append(place)
        self.in_line.set()
        if place == 1:
            self.is_first.set()
        if self.leaves_at == place:
            raise LeftError

    def finish(self) -> None:
        self.done.set()
        self.join(SOON)
        assert not self.is_alive()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "POLL", 0.01)


def at_work(turns: Turns, **more) -> Visitor:
    visitor = Visitor(turns, **more)
    assert visitor.at_work.wait(SOON)
    return visitor


def in_line(turns: Turns, **more) -> Visitor:
    visitor = Visitor(turns, **more)
    assert visitor.in_line.wait(SOON)
    return visitor


def test_who_need_not_wait_hears_of_no_line():
    turns = Turns(2)
    visitors = [at_work(turns), at_work(turns)]
    assert [visitor.places for visitor in visitors] == [[], []]
    for visitor in visitors:
        visitor.finish()
    assert (turns.in_work, turns.waiting, turns.served) == (0, 0, 2)


def test_first_come_first_served_and_everybody_hears_their_place():
    turns = Turns(1)
    first = at_work(turns)
    second = in_line(turns)
    third = in_line(turns)
    assert (second.places[0], third.places[0]) == (1, 2)
    assert not second.at_work.is_set()
    first.finish()
    assert second.at_work.wait(SOON)
    assert third.is_first.wait(SOON), "it moves up"
    assert not third.at_work.is_set()
    second.finish()
    assert third.at_work.wait(SOON)
    third.finish()


def test_nobody_passes_another():
    turns, order = Turns(1), []
    first = at_work(turns)
    others = [in_line(turns, writes_to=order) for _ in range(8)]
    for visitor in others:
        visitor.done.set()  # each ends as soon as it has begun
    first.finish()
    for visitor in others:
        visitor.finish()
    assert order == others


def test_who_leaves_gives_the_place_to_the_next():
    turns = Turns(1)
    first = at_work(turns)
    gone = in_line(turns, leaves_at=1)
    gone.join(SOON)
    assert isinstance(gone.error, LeftError)
    last = in_line(turns)
    assert last.places[0] == 1
    first.finish()
    assert last.at_work.wait(SOON)
    last.finish()
    assert (turns.left, turns.waiting, turns.in_work) == (1, 0, 0)


def test_a_full_line_refuses_in_a_sentence_but_not_what_runs_in_the_background():
    turns = Turns(1, most_waiting=1)
    first, second = at_work(turns), in_line(turns)
    with pytest.raises(TooBusyError, match="Try again"), turns.take():
        pass
    background = in_line(turns, always=True)
    first.finish()
    second.finish()
    assert background.at_work.wait(SOON)
    background.finish()
    assert (turns.refused, turns.served) == (1, 3)


def test_a_wait_that_is_too_long_ends_in_a_sentence():
    turns = Turns(1, patience=0.0)
    first = at_work(turns)
    with pytest.raises(TooBusyError, match="Try again"), turns.take():
        pass
    first.finish()
    assert (turns.refused, turns.waiting) == (1, 0)


def test_a_turn_ends_with_whatever_fails_in_it():
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError), turns.take():
        _ = 1 / 0
    at_work(turns).finish()


def test_a_visitor_with_many_turns_leaves_one_for_who_comes_next():
    turns, greedy, other = Turns(3), object(), object()
    many = [at_work(turns, who=greedy), at_work(turns, who=greedy), in_line(turns, who=greedy)]
    assert turns.in_work == 2
    newcomer = at_work(turns, who=other)
    assert not many[2].at_work.is_set()
    newcomer.finish()
    assert not many[2].at_work.is_set()
    many[0].finish()
    assert many[2].at_work.wait(SOON)
    for visitor in many[1:]:
        visitor.finish()
    assert (turns.in_work, turns.waiting) == (0, 0)


def test_a_visitor_gets_no_further_turn_before_those_who_have_none():
    turns, greedy, others = Turns(2), object(), [object(), object()]
    first, second = at_work(turns, who=greedy), in_line(turns, who=greedy)
    there = at_work(turns, who=others[0])
    waiting = in_line(turns, who=others[1])
    there.finish()
    assert waiting.at_work.wait(SOON)  # though the second of the greedy one came before
    assert not second.at_work.is_set()
    first.finish()
    assert second.at_work.wait(SOON)
    for visitor in (second, waiting):
        visitor.finish()


def test_who_is_nobody_in_particular_has_as_many_turns_as_there_are():
    turns = Turns(2)
    for visitor in [at_work(turns), at_work(turns)]:
        visitor.finish()


class Job:
    """Work of so many seconds, which its visitor stops when it is ended."""

    def __init__(self, seconds: float):
        self.seconds, self.is_ended, self.visitor = seconds, False, None

    def end(self) -> None:
        self.is_ended = True
        self.visitor.done.set()


def at_long_work(turns: Turns, who: object, seconds: float) -> Visitor:
    job = Job(seconds)
    job.visitor = at_work(turns, who=who, job=job)
    return job.visitor


def test_of_those_who_wait_who_has_fewest_turns_goes_first():
    turns, many, few, order = Turns(5), object(), object(), []
    busy = [at_work(turns, who=who) for who in (many, many, few, object(), object())]
    late = [in_line(turns, who=many, writes_to=order), in_line(turns, who=few, writes_to=order)]
    busy[4].finish()
    assert turns.in_work == 4  # the last one is for who has none
    busy[3].finish()
    assert late[1].at_work.wait(SOON)
    assert order == [late[1]]
    for visitor in (*busy[:3], late[1], late[0]):
        visitor.finish()


def test_where_all_turns_are_long_one_of_who_has_most_is_ended_for_who_has_none():
    turns, many, one = Turns(3), object(), object()
    longer, shorter = at_long_work(turns, many, 9), at_long_work(turns, many, 8)
    longest = at_long_work(turns, one, 99)
    newcomer = at_work(turns, who=object())
    assert [visitor.job.is_ended for visitor in (longest, longer, shorter)] == [False, True, False]
    for visitor in (longest, shorter, newcomer):
        visitor.finish()


@pytest.mark.parametrize("jobs", [(9, 9, module.LONG / 2), (9, 9, None)])
def test_nothing_is_ended_while_a_turn_will_soon_be_free(jobs):
    turns = Turns(3)
    busy = [at_work(turns) if job is None else at_long_work(turns, object(), job) for job in jobs]
    newcomer = in_line(turns, who=object())
    assert not any(visitor.job.is_ended for visitor in busy if visitor.job)
    busy[2].finish()
    assert newcomer.at_work.wait(SOON)
    for visitor in (*busy[:2], newcomer):
        visitor.finish()


def test_nothing_is_ended_for_who_has_a_turn_already():
    turns, who = Turns(1), object()
    busy = at_long_work(turns, who, 9)
    second = in_line(turns, who=who)
    assert not busy.job.is_ended
    busy.finish()
    second.finish()
