"""Ask the service manager: run its commands one after another, and tell which of them it refused."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from lrflow.service.jobs import Step

LONGEST_SECONDS = 120  # a start waits until the daemon says that it is ready
PAUSE_SECONDS = 1
MISSING = 127


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended, and what it printed. Its code is 127 when there is no such program."""

    words: tuple[str, ...]
    code: int
    out: str
    says: str

    @property
    def is_missing(self) -> bool:
        """Whether this computer has no such program."""
        return self.code == MISSING


def ask(words: Sequence[str]) -> Answer:
    """Run one command, in English, and wait for its end."""
    try:
        ran = subprocess.run(
            words,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST_SECONDS,
        )
    except FileNotFoundError:
        return Answer(tuple(words), MISSING, "", f"there is no {words[0]} on this computer")
    except (OSError, subprocess.TimeoutExpired) as fault:
        return Answer(tuple(words), 1, "", str(fault))
    said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()
    return Answer(tuple(words), ran.returncode, ran.stdout, said[0] if said else f"exit code {ran.returncode}")


def carry_out(steps: Sequence[Step]) -> Answer | None:
    """Do *steps* in turn. The answer to the first that had to succeed and did not; after it nothing more is done."""
    for step in steps:
        answer = ask(step.words)
        for _ in range(step.tries - 1):
            if answer.code == 0:
                break
            time.sleep(PAUSE_SECONDS)
            answer = ask(step.words)
        if answer.code and step.must:
            return answer
    return None
