"""A whole session as one ``.zip``, and back into a store: the same to the last bit.

It holds ``manifest.json`` (kind, version, name of the session, size and SHA-256 of every other file), ``rows.json``
(what the store has of it, poses as references into ``blocks.bin``), ``blocks.bin``, ``session.json`` for people and
other programs, and what was recorded: video and snapshots. The report is not in it: it is made anew.

What comes from elsewhere is not trusted: nothing is unpacked but files of these names, none beyond the size that was
announced and checked against limits, and nothing is kept unless all of it can be read as a session.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from formcoach import __version__
from formcoach.errors import OutputError, UsageError
from formcoach.sessions.folder import PICTURES, SESSION_FILE, ResultFolder, explained_writing, pictures_of
from formcoach.sessions.store.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from formcoach.sessions.store import SessionStore
    from formcoach.sessions.store.rows import Rows

FORMAT, FORMAT_VERSION = "formcoach.session.archive", 1
_MANIFEST, _ROWS, _BLOCKS = "manifest.json", "rows.json", "blocks.bin"
_NAME = re.compile(r"[0-9][0-9a-z-]{0,63}", re.ASCII)
_BLOB = "blob"
# More than a session of eight hours has [D]: bytes of each file, and how many files.
LIMITS = {_MANIFEST: 1 << 22, _ROWS: 1 << 28, _BLOCKS: 1 << 30, SESSION_FILE: 1 << 26}
LARGEST_PICTURE = 1 << 35
MAXIMUM_FILES = 10_000
# Text compresses well, video and blocks do not: what unpacks to more than this is made to fill a disk [D].
MAXIMUM_RATIO, RATIO_FROM = 200, 1 << 24
_PIECE = 1 << 20


def write_archive(store: SessionStore, session_id: str, path: Path) -> None:
    """Write a closed session into a file, which is there as a whole or not at all.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    path
        The file.

    Raises
    ------
    UsageError
        When there is none of that name, or it is being recorded.
    OutputError
        When it cannot be read or written.
    """
    session = store.load(session_id)
    if session.state == "open":
        raise UsageError(f"The session '{session_id}' is being recorded: end it first.")
    rows, blocks = _without_blobs(store.read_rows(session_id))
    partial = path.with_name(f".{path.name}.partial")
    with explained_writing(path):
        try:
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
                files: dict[str, dict[str, Any]] = {}
                contents = {_ROWS: _to_bytes(rows), _BLOCKS: b"".join(blocks), SESSION_FILE: _to_bytes(session.record)}
                for name, content in contents.items():
                    kind = zipfile.ZIP_STORED if name == _BLOCKS else zipfile.ZIP_DEFLATED
                    archive.writestr(name, content, kind)
                    files[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for picture in pictures_of(store.folder_of(session_id)):
                    archive.write(picture, picture.name, zipfile.ZIP_STORED)
                    files[picture.name] = {"bytes": picture.stat().st_size, "sha256": _hash_file(picture)}
                manifest = {
                    "format": FORMAT,
                    "version": FORMAT_VERSION,
                    "store_version": len(MIGRATIONS),
                    "program_version": __version__,
                    "session": session_id,
                    "damaged_chunks": session.damaged_chunks,
                    "files": files,
                }
                archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def read_archive(store: SessionStore, path: Path) -> tuple[str, bool]:
    """Take a session out of a file into the store: all of it, or nothing.

    Parameters
    ----------
    store
        Open.
    path
        What `write_archive` wrote, perhaps on another computer.

    Returns
    -------
    session_id : str
        Its name.
    added : bool
        Whether it was added; not where a session of that name is there already, which stays as it is.

    Raises
    ------
    UsageError
        When the file is no session, is damaged, unsafe or of a newer formcoach.
    OutputError
        When it cannot be written.
    """
    with _opened(path) as archive:
        manifest = _read_manifest(archive, path)
        session_id = str(manifest["session"])
        with store.reserved(session_id):
            if store.has(session_id):
                return session_id, False
            try:
                _take_in(store, archive, manifest, session_id)
            except (ValueError, KeyError, TypeError, AttributeError, zlib.error, zipfile.BadZipFile, EOFError) as error:
                raise UsageError(
                    f"'{path}' is damaged ({error}), and nothing of it was kept: export it again."
                ) from error
        return session_id, True


def _take_in(store: SessionStore, archive: zipfile.ZipFile, manifest: dict[str, Any], session_id: str) -> None:
    folder = store.folder_of(session_id)
    rows = _with_blobs(_read_json(archive, manifest, _ROWS), _read(archive, manifest, _BLOCKS))
    if SESSION_FILE in manifest["files"]:
        _read(archive, manifest, SESSION_FILE)  # not needed here; damage is damage
    _check_room(manifest, folder)
    (named,) = rows["sessions"]
    if named["id"] != session_id:
        raise ValueError("its name differs")
    _keep(store, archive, manifest, rows, folder)


def _keep(store: SessionStore, archive: zipfile.ZipFile, manifest: dict[str, Any], rows: Rows, folder: Path) -> None:
    names = [name for name in manifest["files"] if PICTURES.fullmatch(name)]
    if not names:
        with store.adding_rows(rows, int(manifest["damaged_chunks"])):
            return
    if folder.exists():  # left by somebody who was cut off: no session has that name
        shutil.rmtree(folder)
    with ResultFolder(folder, overwrite=False) as result:
        for name in names:
            with explained_writing(folder):
                _unpack(archive, manifest, name, result.path / name)
        published = False
        try:
            with store.adding_rows(rows, int(manifest["damaged_chunks"])):
                result.publish()
                published = True
        except BaseException:
            if published:  # the disk was full at the very end
                shutil.rmtree(folder, ignore_errors=True)
            raise


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # encrypted, a compression of others
        raise UsageError(f"'{path}' is no session that formcoach exported, or it is damaged.") from error
    except FileNotFoundError as error:
        raise UsageError(f"There is no file '{path}'.") from error
    except OSError as error:
        raise OutputError(f"'{path}' cannot be read ({error.strerror}).") from error


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return the manifest of an archive in which nothing is but what it names, all of it within limits."""
    entries = archive.infolist()
    names = [one.filename for one in entries]
    if _MANIFEST not in names:
        raise UsageError(f"'{path}' is no session that formcoach exported.")
    strange = [name for name in names if name not in LIMITS and not PICTURES.fullmatch(name)]
    if strange or len(set(names)) != len(names) or len(names) > MAXIMUM_FILES:
        raise UsageError(f"'{path}' holds files that no session has, and was not unpacked.")
    for one in entries:
        large = one.file_size > LIMITS.get(one.filename, LARGEST_PICTURE)
        if large or (one.file_size > RATIO_FROM and one.file_size > MAXIMUM_RATIO * max(one.compress_size, 1)):
            raise UsageError(f"'{path}' would unpack to more than a session can have, and was not unpacked.")
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        kind, version = manifest["format"], manifest["version"]
        newer = version > FORMAT_VERSION or manifest["store_version"] > len(MIGRATIONS)
        files = {str(name): (int(one["bytes"]), str(one["sha256"])) for name, one in manifest["files"].items()}
        sizes = {one.filename: one.file_size for one in entries if one.filename != _MANIFEST}
        whole = {name: size for name, (size, _) in files.items()} == sizes
        whole = whole and {_ROWS, _BLOCKS} <= set(files) and _NAME.fullmatch(manifest["session"]) is not None
        whole = whole and int(manifest["damaged_chunks"]) >= 0
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, EOFError) as error:
        raise UsageError(f"'{path}' is no session that formcoach exported, or it is damaged.") from error
    if kind != FORMAT:
        raise UsageError(f"'{path}' is no session that formcoach exported.")
    if newer:
        raise UsageError(f"'{path}' was written by a newer formcoach: update formcoach, then import it.")
    if not whole:
        raise UsageError(f"'{path}' is damaged, and nothing of it was kept: export it again.")
    return dict(manifest)


def _check_room(manifest: dict[str, Any], folder: Path) -> None:
    place = next(one for one in folder.parents if one.exists())
    needed = sum(int(one["bytes"]) for one in manifest["files"].values())
    if shutil.disk_usage(place).free < needed:
        raise OutputError(f"The disk is too full for this session ({needed / 1e6:.0f} MB): free some space.")


def _read(archive: zipfile.ZipFile, manifest: dict[str, Any], name: str) -> bytes:
    content = archive.read(name)  # never more than was announced, which is within the limits
    if hashlib.sha256(content).hexdigest() != manifest["files"][name]["sha256"]:
        raise ValueError(f"{name} was changed")
    return content


def _read_json(archive: zipfile.ZipFile, manifest: dict[str, Any], name: str) -> Any:
    try:
        return json.loads(_read(archive, manifest, name))
    except RecursionError as error:
        raise ValueError(f"{name} is no document of a session") from error


def _unpack(archive: zipfile.ZipFile, manifest: dict[str, Any], name: str, target: Path) -> None:
    found = hashlib.sha256()
    with archive.open(name) as packed, target.open("wb") as file:
        while piece := packed.read(_PIECE):
            found.update(piece)
            file.write(piece)
    if found.hexdigest() != manifest["files"][name]["sha256"]:
        raise ValueError(f"{name} was changed")


def _without_blobs(rows: Rows) -> tuple[Rows, list[bytes]]:
    """Return the rows with each block of bytes replaced by where it begins and ends, and the blocks."""
    blocks: list[bytes] = []
    offset = 0
    plain: Rows = {}
    for table, found in rows.items():
        plain[table] = []
        for row in found:
            copy = dict(row)
            for name, value in row.items():
                if isinstance(value, bytes):
                    copy[name] = {_BLOB: [offset, offset + len(value)]}
                    blocks.append(value)
                    offset += len(value)
            plain[table].append(copy)
    return plain, blocks


def _with_blobs(rows: dict[str, list[dict[str, Any]]], blocks: bytes) -> Rows:
    found: Rows = {}
    for table, some in rows.items():
        found[table] = []
        for row in some:
            copy = dict(row)
            for name, value in row.items():
                if isinstance(value, dict):
                    start, end = value[_BLOB]
                    if not 0 <= start <= end <= len(blocks):
                        raise ValueError("a block is missing")
                    copy[name] = blocks[start:end]
            found[table].append(copy)
    return found


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
