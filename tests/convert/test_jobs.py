"""Jobs in processes of their own."""

import os
import signal
import time
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest

from convert import jobs
from lapx_tf.errors import GateError, InputError


def work(job: str) -> tuple[str, int]:
    """What the other process does; the job says what goes wrong."""
    if job == "gate":
        raise GateError("the gate fails")
    if job == "input":
        raise InputError("the input is wrong")
    if job == "bug":
        raise KeyError("a bug")
    if job == "killed":
        os.kill(os.getpid(), 9)
    if job == "blocked":
        return str(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])), os.getpid()
    if job.startswith("sleep"):
        Path(job.removeprefix("sleep ")).write_text(str(os.getpid()))
        time.sleep(60)
    return job, os.getpid()


def run(names: list[str], at_once: int, logs: Path | None) -> tuple[list[str], dict[str, Any]]:
    """The order of beginnings and ends, and the answers."""
    order, answers = [], {}

    def on_end(job: str, answer: object) -> None:
        order.append(f"-{job}")
        answers[job] = answer

    jobs.run(work, names, at_once, logs, lambda job: order.append(f"+{job}"), on_end)
    return order, answers


def test_each_job_has_a_process_and_as_many_run_as_asked_for(tmp_path):
    order, answers = run(["a", "b", "c"], 2, tmp_path)
    running = [sum(1 if event[0] == "+" else -1 for event in order[: i + 1]) for i in range(6)]
    assert (max(running), running[-1]) == (2, 0)
    assert {name: answer[0] for name, answer in answers.items()} == {"a": "a", "b": "b", "c": "c"}
    assert len({os.getpid(), *(answer[1] for answer in answers.values())}) == 4


def test_ctrl_c_is_for_our_process_alone_from_the_first_job_on(tmp_path):
    tracker = resource_tracker._resource_tracker
    tracker._stop()  # as before the first job of all
    _, answers = run(["blocked"], 1, tmp_path)
    assert answers["blocked"][0] == "True"


def test_errors_come_back_and_do_not_stop_the_others(tmp_path):
    order, answers = run(["gate", "input", "bug", "killed", "well"], 5, tmp_path)
    assert len(order) == 10
    assert isinstance(answers["gate"], GateError)
    assert isinstance(answers["input"], InputError)
    assert str(answers["bug"]) == "the process that makes it ended with KeyError: 'a bug' (see --verbose)"
    assert str(answers["killed"]) == "the process that makes it ended by SIGKILL (see --verbose)"
    assert answers["well"][0] == "well"


def test_whoever_raises_at_an_end_stops_the_rest(tmp_path):
    started = tmp_path / "started"

    def on_end(job: str, answer: object) -> None:
        while not started.exists() or not started.read_text():
            time.sleep(0.01)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        jobs.run(work, [f"sleep {started}", "a", "b"], 2, tmp_path, lambda job: None, on_end)
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_an_interrupt_while_a_process_is_started_stops_it_too(tmp_path, monkeypatch):
    started = jobs._start
    running = []

    def interrupted(*arguments: Any) -> Any:
        running.append(started(*arguments))
        os.kill(os.getpid(), signal.SIGINT)
        return running[-1]

    monkeypatch.setattr(jobs, "_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(work, [f"sleep {tmp_path / 'started'}"], 1, tmp_path, lambda job: None, lambda job, answer: None)
    assert running[0].process.exitcode == -signal.SIGTERM
