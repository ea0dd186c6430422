"""Run `lrflow run` where neither an environment nor a window is given: folder and log are named on the command line."""

import os
import runpy
import sys
from pathlib import Path

LONGEST = 1_000_000  # of a log, in bytes: an older half is kept beside it


def main() -> None:
    """Send for the programme in the folder named first; what is said goes to the file named second."""
    home, log = sys.argv[1], Path(sys.argv[2])
    os.environ["LRFLOW_HOME"] = home
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LONGEST:
        log.replace(log.with_suffix(".old.log"))
    with log.open("a", encoding="utf-8", buffering=1) as said:
        sys.stdout = sys.stderr = said
        sys.argv[1:] = ["run"]
        runpy.run_module("lrflow", run_name="__main__")


if __name__ == "__main__":
    main()
