"""Run the command line as `lrflow` or `python -m lrflow`."""

import gc
import sys


def main() -> None:
    """Run one command and leave with its exit code."""
    gc.disable()  # a command lives for a moment, and collecting costs a third of it; the daemon turns it on again
    from lrflow.cli import run

    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
