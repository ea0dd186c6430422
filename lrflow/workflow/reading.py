"""From a folder of TOML to a checked definition, and from pinned text back to one."""

import hashlib
import json
import tomllib
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrflow.definition import Definition, build, plain
from lrflow.errors import Misused, NotFound

SHIPPED = Path(__file__).parent.parent / "workflows"
CHECKOUT = Path(__file__).parent.parent.parent / "workflows"
FILES = ("workflow.toml", "nudges.toml")


def folders() -> dict[str, Path]:
    """Every workflow that comes with the program, by name."""
    home = SHIPPED if SHIPPED.is_dir() else CHECKOUT
    return {path.name: path for path in sorted(home.iterdir()) if (path / FILES[0]).is_file()}


def folder_of(name: str) -> Path:
    """The folder called *name*: one that comes with the program, or the path of one's own."""
    known = folders()
    if name in known:
        return known[name]
    if (Path(name) / FILES[0]).is_file():
        return Path(name)
    near = [f"did you mean {each}?" for each in get_close_matches(name, known, n=1)]
    raise NotFound(f"there is no workflow {name!r}", problems=near, remedy="lrflow workflow list")


def read(folder: Path) -> Definition:
    """The workflow in *folder*, with its digest. Raises `Misused` listing every fault of its files at once."""
    from lrflow.workflow.faults import find_faults  # pydantic: needed when a folder is read, not when a route is moved

    texts = {name: _text(folder / name) for name in FILES}
    definition, faults = find_faults(texts)
    if definition is None or faults:
        raise Misused(
            f"the workflow in {folder} has faults: {len(faults)}",
            problems=faults,
            remedy="mend the file, then: lrflow workflow check",
        )
    own = "" if folder.resolve() in {each.resolve() for each in folders().values()} else str(folder.resolve())
    return replace(pinned(canonical(definition)), folder=own)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"{path} is missing") from None
    except (OSError, UnicodeDecodeError) as fault:
        raise Misused(f"{path} cannot be read: {fault}") from None


def place_of(definition: Definition) -> Path:
    """The folder in which the messages and calendars of *definition* are read today. `NotFound` when it is gone."""
    if not definition.folder:
        return folder_of(definition.name)
    if not Path(definition.folder).is_dir():
        raise NotFound(
            f"the folder of the workflow {definition.name} is gone: {definition.folder}",
            remedy="put it back: its messages and calendars are read there",
        )
    return Path(definition.folder)


def canonical(definition: Definition) -> str:
    """*definition* as sorted, compact JSON without defaults: comments and layout of the files leave no trace in it."""
    return json.dumps(plain(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=16)
def pinned(text: str) -> Definition:
    """The definition whose canonical *text* was kept. The digest is the first 16 hex digits of its SHA-256."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return build(Definition, {**json.loads(text), "digest": digest})


def merged(texts: dict[str, str]) -> dict[str, Any]:
    """The tables of all files as one. Raises `tomllib.TOMLDecodeError`."""
    data: dict[str, Any] = {}
    for text in texts.values():
        data.update(tomllib.loads(text))
    return data
