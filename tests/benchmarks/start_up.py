"""What a command costs as a process, beside `python -c pass` and `python -c 'import sqlmodel'`, in one run.

Run by hand: python tests/benchmarks/start_up.py FOLDER [ROUNDS], where FOLDER holds a programme (`lrflow demo FOLDER`).
It prints CPU seconds (user and system) as medians, and the ratio inside each round, then its median.
"""

import os
import resource
import statistics
import subprocess
import sys

PYTHON = sys.executable
COMMANDS = {
    "pass": [PYTHON, "-c", "pass"],
    "import sqlmodel": [PYTHON, "-c", "import sqlmodel"],
    "lrflow --help": [PYTHON, "-m", "lrflow", "--help"],
    "lrflow status": [PYTHON, "-m", "lrflow", "status"],
    "lrflow check": [PYTHON, "-m", "lrflow", "check"],
    "lrflow advance -n": [PYTHON, "-m", "lrflow", "advance", "-n"],
    "lrflow set (edits)": [PYTHON, "-m", "lrflow", "set", "E1", "place=Somewhere", "-n"],
}


def cpu_seconds(command: list[str], home: str) -> float:
    """CPU time of one run of *command*, whatever it exits with."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "LRFLOW_HOME": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(home: str, rounds: int) -> None:
    """Interleave the commands *rounds* times, after one round that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(rounds + 1):
        for name, command in COMMANDS.items():
            spent = cpu_seconds(command, home)
            if number:
                found[name].append(spent)
    print(f"{'':<22}{'CPU s':>8}{'x pass':>9}{'x sqlmodel':>12}")
    for name, spent in found.items():
        ratios = [
            statistics.median(each / other for each, other in zip(spent, found[base], strict=True))
            for base in ("pass", "import sqlmodel")
        ]
        print(f"{name:<22}{statistics.median(spent):>8.3f}{ratios[0]:>9.1f}{ratios[1]:>12.2f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7)
