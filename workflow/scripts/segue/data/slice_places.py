"""Where slices are looked for: a folder, the folders below it, zip archives; and where they are not."""

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from segue.data.slice_names import NAME, NAMES, Source
from segue.errors import SegueError

ARCHIVE = ".zip"
# Archives that cannot be read from the middle, or that Python knows nothing of.
CLOSED = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar")
DEPTH = 2  # of the folders below that are looked into: the MPD's zip has its slices in `data`
MOST_FOLDERS = 1000  # of those, lest a disk be searched
SHOWN = 3  # places in a message, at most


def slices_in(place: str) -> list[Source]:
    """The slices of ``place``, a folder or a zip archive.

    A folder's slices are its own files and the members of its zip archives; where it has none, those of the
    only folder below it, to a depth of DEPTH, that has some. In an archive a slice may lie at any depth.
    Raises SegueError when the place or an archive cannot be read, several folders below have slices, or
    something with the name of a slice is no regular file.
    """
    if _is_archive(Path(place)):
        return list(_members(place))
    if Path(place).is_file() and place.lower().endswith(CLOSED):
        raise SegueError(
            "The slices are in an archive that Segue does not look into.",
            where=place,
            found="a file that has to be unpacked as a whole",
            expected=f"a folder with files named {NAMES}, or a zip of them",
            fix=f"unpack it, as with {_unpacking(place)}, and set data.dir to the folder",
        )
    own = list(_slices_of(Path(place)))
    if own:
        return own
    below = [(folder, found) for folder in _folders_below(place) if (found := list(_slices_of(folder)))]
    if len(below) > 1:
        raise SegueError(
            "Several folders have slices.",
            where=place,
            found=_listed([f"{folder} ({len(found)})" for folder, found in below]),
            expected="slices in the folder itself, or in one folder below it",
            fix=f"set data.dir to one of them, such as {below[0][0]}",
        )
    return below[0][1] if below else []


def not_looked_into(place: str) -> tuple[str, str]:
    """What else of ``place`` may hold slices, behind what was found, and what to do; both "" for nothing."""
    if _is_archive(Path(place)):
        inner = _inner_archives(place)
        paths = [place] if inner else []
    else:
        folders = [Path(place), *_folders_below(place)]
        files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
        within = {str(path): _inner_archives(str(path)) for path in files if _is_archive(path)}
        inner = [one for archives in within.values() for one in archives]
        paths = [path for path, archives in within.items() if archives]
        closed = [str(path) for path in files if path.name.lower().endswith(CLOSED)]
        inner, paths = inner + closed, paths + closed
    if not paths:
        return "", ""
    return (
        f"; not looked into: {_listed(inner)}",
        f"unpack {paths[0]}, as with {_unpacking(paths[0])}, and set data.dir to the folder",
    )


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ARCHIVE) and path.is_file()


def _unpacking(path: str) -> str:
    """A command, for a message."""
    name = path.lower()
    program = {".zip": "unzip", ".7z": "7z x", ".rar": "unrar x"}.get(Path(name).suffix, "tar -xf")
    return f"`{program} {Path(path).name}`"


def _listed(places: list[str]) -> str:
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return ", ".join(places[:SHOWN]) + more


def _folders_below(place: str) -> list[Path]:
    level, found = [Path(place)], []
    for _ in range(DEPTH):
        level = [
            path
            for folder in level
            for path in sorted(folder.iterdir())
            if path.is_dir() and not path.name.startswith(".") and os.access(path, os.R_OK | os.X_OK)
        ]
        found += level
        if len(found) > MOST_FOLDERS:
            return found[:MOST_FOLDERS]
    return found


def _slices_of(folder: Path) -> Iterator[Source]:
    """Of ``folder`` itself."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise SegueError(
            "The folder of the slices cannot be read.",
            where=str(folder),
            found=error.strerror,
            expected=f"a folder with files named {NAMES}, or a zip of them",
            fix="set data.dir to the folder of your slices, or data.source to sample"
            if isinstance(error, FileNotFoundError | NotADirectoryError)
            else "check the folder's permissions and the disk, or correct data.dir",
        ) from error
    for name in names:
        # Path drops a leading "./", so that a file has one name however the folder was written.
        path = folder / name
        if NAME.fullmatch(name):
            _require_regular(path)
            yield Source(str(path))
        elif _is_archive(path):
            yield from _members(str(path))


def _members(path: str) -> Iterator[Source]:
    yield from (Source(path, name) for name in _names_in(path) if NAME.fullmatch(name.rpartition("/")[2]))


def _inner_archives(path: str) -> list[str]:
    """Archives within the zip archive ``path``."""
    return [f"{path}: {name}" for name in _names_in(path) if name.lower().endswith((ARCHIVE, *CLOSED))]


def _names_in(path: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]
    # zipfile has no closed list of what it raises over damage, or over an archive of a later version.
    except Exception as error:
        of_the_disk = isinstance(error, PermissionError)
        raise SegueError(
            "A zip archive cannot be read.",
            where=path,
            found=getattr(error, "strerror", None) or str(error),
            expected="a zip archive of slices",
            fix=("check its permissions" if of_the_disk else "fetch the archive again")
            + ", or take it out of data.dir",
        ) from error


def _require_regular(path: Path) -> None:
    """A folder or a dangling link would be left out without a word; a pipe would never end."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    try:
        mode = path.stat().st_mode
    except OSError as error:
        found = f"a link that leads nowhere ({error.strerror})"
    else:
        if stat.S_ISREG(mode):
            return
        found = kinds.get(stat.S_IFMT(mode), "a device")
    raise SegueError(
        "Something has the name of a slice but is no file.",
        where=str(path),
        found=found,
        expected="a file",
        fix="rename or remove it",
    )
