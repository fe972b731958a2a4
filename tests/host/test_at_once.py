"""Several at once, within a time that the test controls."""

from __future__ import annotations

import threading

import pytest

from conda_cuda_guard.host.at_once import Deadline, run_at_once

LONG = 60.0  # seconds that a test which goes well never waits


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


FAR = Deadline(LONG, Clock())


def test_every_item_has_its_result() -> None:
    found = run_at_once(str, [1, 2, 3, 4, 5], deadline=FAR, most=2)
    assert sorted(found) == [(0, "1"), (1, "2"), (2, "3"), (3, "4"), (4, "5")]


def test_nothing_to_do() -> None:
    assert [*run_at_once(str, [], deadline=FAR, most=4)] == []


def test_they_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3)
    found = run_at_once(lambda _: meeting.wait(LONG), "abc", deadline=FAR, most=3)
    assert sorted(result for _, result in found) == [0, 1, 2]


def test_but_no_more_than_allowed() -> None:
    running, peak, lock = 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        with lock:
            running -= 1

    assert len([*run_at_once(work, range(50), deadline=FAR, most=2)]) == 50
    assert peak <= 2


def test_what_is_not_done_by_the_deadline_is_left_behind() -> None:
    clock, never = Clock(), threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            never.wait(LONG)
        return item

    found = []
    for at, result in run_at_once(work, ["quick", "slow"], deadline=Deadline(1.0, clock), most=2):
        found.append((at, result))
        clock.now = 2.0
    never.set()
    assert found == [(0, "quick")]


def test_nor_is_anything_begun_after_it() -> None:
    clock = Clock()
    begun: list[int] = []
    clock.now = 2.0
    assert [*run_at_once(begun.append, [1, 2], deadline=Deadline(1.0, clock), most=2)] == []
    assert begun == []


def test_results_that_have_come_by_the_deadline_are_all_taken() -> None:
    clock, all_done = Clock(), threading.Barrier(3)

    def work(item: int) -> int:
        all_done.wait(LONG)
        return item

    found = run_at_once(work, [1, 2, 3], deadline=Deadline(1.0, clock), most=3)
    first = next(found)
    assert first[1] in (1, 2, 3)
    assert len([first, *found]) == 3


def test_a_fault_is_raised_where_the_results_are_waited_for() -> None:
    def work(item: int) -> int:
        raise LookupError(item)

    with pytest.raises(LookupError):
        [*run_at_once(work, [1], deadline=FAR, most=1)]


def test_the_threads_do_not_keep_a_program_from_ending() -> None:
    seen: list[threading.Thread] = []

    def work(_: int) -> None:
        seen.append(threading.current_thread())

    assert len([*run_at_once(work, [1], deadline=FAR, most=1, name="ours")]) == 1
    assert [(one.daemon, one.name) for one in seen] == [(True, "ours")]
