"""What it costs to bring in a long list, and whether twice the rows cost twice as much, in one run.

Run by hand: python tests/benchmarks/imports.py [ROWS]. It makes a programme and lists in a temporary folder, imports
ROWS and twice ROWS of each kind in processes of their own, and prints CPU seconds, peak memory and the ratio.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lrflow.sheets import Book, Column, Page, write_book

HEADERS: dict[str, Sequence[str]] = {
    "organisations": ("Organisation", "Type", "Country", "Email"),
    "experiences": ("Title", "Organisation", "Country", "Place", "Themes", "Good practice", "Evidence of success"),
    "participants": ("Name", "Email", "Phone", "Country", "Alliance", "Language", "Sex"),
}


def rows(kind: str, count: int) -> Iterator[Sequence[str]]:
    """Made-up rows, no two of them alike."""
    for number in range(count):
        if kind == "organisations":
            yield f"Alliance of garden {number}", "cso", "Rwanda", f"o{number}@example.org"
        elif kind == "experiences":
            yield (
                f"Experience {number}",
                f"Org {number % 300}",
                "Rwanda",
                "Kigali",
                "msp, policy",
                "yes",
                f"survey {number}",
            )
        else:
            email, alliance = f"p{number}@example.org", f"Alliance {number % 60}"
            yield f"Person Banda{number}", email, "+265 999 123 456", "Malawi", alliance, "English", "F"


def run(home: Path, *words: str) -> None:
    """One command as a process."""
    environment = {**os.environ, "LRFLOW_HOME": str(home), "LRFLOW_NOW": "2016-06-10"}
    subprocess.run([sys.executable, "-m", "lrflow", *words], env=environment, check=True, capture_output=True)


def cost(kind: str, count: int) -> tuple[float, float]:
    """CPU seconds and peak megabytes of importing *count* rows into a new programme."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "csn"
        run(home, "init", "--me", "Grace Phiri <grace@example.org>", "--timezone", "Africa/Blantyre")
        run(home, "add", "route", "rwanda-2016", "Route", "planned_visit=2016-10")
        path = home / "list.xlsx"
        write_book(path, Book([Page("List", [Column(each) for each in HEADERS[kind]], rows(kind, count))]))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(home, "import", str(path), "--yes")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, after.ru_maxrss / 1024


def main(count: int) -> None:
    """Print a line for each kind."""
    print(f"{'':<16}{'rows':>8}{'CPU s':>8}{'MB':>7}{'x half':>8}")
    for kind in HEADERS:
        half, _ = cost(kind, count)
        whole, peak = cost(kind, 2 * count)
        print(f"{kind:<16}{2 * count:>8}{whole:>8.1f}{peak:>7.0f}{whole / half:>8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
