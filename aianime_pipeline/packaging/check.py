"""Is a package what it says it is? Reads a finished ZIP with the standard library, as a stranger would."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aianime_pipeline.packaging.names import MANIFEST_NAME
from aianime_pipeline.packaging.package import FORMAT, FORMAT_VERSION

_CHUNK_BYTES = 1 << 18
_LARGEST_MANIFEST = 64 << 20

# What zipfile raises on a ZIP that somebody tampered with: NotImplementedError for an unknown compression,
# RuntimeError for encryption.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


ProblemKind = Literal["opens", "complete", "checksums"]


@dataclass(frozen=True)
class PackageProblem:
    """`opens`: the ZIP or its manifest cannot be used; `complete`: a file too many or too few; `checksums`: a file's
    bytes are not those of the manifest."""

    kind: ProblemKind
    text: str


def check_package(path: Path) -> list[str]:
    """Every problem of the package at `path`, in words for a person; empty when it is sound."""
    return [problem.text for problem in package_problems(path)]


def package_problems(path: Path) -> list[PackageProblem]:
    """Every problem of the package at `path`; empty when it is sound.

    Reads each byte once: its ZIP structure, the CRC-32 and SHA-256 of every file, and that exactly the manifest's files
    are there. Its memory does not grow with the files.
    """
    try:
        with zipfile.ZipFile(path) as package:
            return list(_problems(package))
    except _UNREADABLE as error:
        return [PackageProblem("opens", f"{path.name} cannot be read as a ZIP: {error}")]


def _problems(package: zipfile.ZipFile) -> Iterator[PackageProblem]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in package.infolist():
        if entry.filename in entries:
            yield PackageProblem("complete", f"{entry.filename} is there twice.")
        entries[entry.filename] = entry
    try:
        promised = _promised_files(package, entries)
    except (*_UNREADABLE, KeyError, TypeError, AttributeError) as error:
        yield PackageProblem("opens", f"{MANIFEST_NAME} cannot be used: {error}")
        return
    for name in sorted(entries.keys() - promised.keys() - {MANIFEST_NAME}):
        yield PackageProblem("complete", f"{name} is in the ZIP but not in {MANIFEST_NAME}.")
    for name, facts in promised.items():
        if name not in entries:
            yield PackageProblem("complete", f"{name} is in {MANIFEST_NAME} but not in the ZIP.")
        else:
            yield from _problems_of_file(package, entries[name], facts)


def _promised_files(package: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, Mapping[str, Any]]:
    if MANIFEST_NAME not in entries:
        raise ValueError("it is not in the ZIP")
    if entries[MANIFEST_NAME].file_size > _LARGEST_MANIFEST:
        raise ValueError(f"it has {entries[MANIFEST_NAME].file_size} bytes")
    document = json.loads(package.read(MANIFEST_NAME))
    if (document["format"], document["version"]) != (FORMAT, FORMAT_VERSION):
        raise ValueError(f"it is {document['format']} {document['version']}, not {FORMAT} {FORMAT_VERSION}")
    return {str(file["name"]): {"size": file["size"], "sha256": file["sha256"]} for file in document["files"]}


def _problems_of_file(
    package: zipfile.ZipFile, entry: zipfile.ZipInfo, facts: Mapping[str, Any]
) -> Iterator[PackageProblem]:
    if entry.compress_type != zipfile.ZIP_STORED:
        yield PackageProblem(
            "checksums", f"{entry.filename} is compressed; the files of a package are stored as they are."
        )
        return
    if entry.file_size != facts["size"]:
        yield PackageProblem("checksums", f"{entry.filename} has {entry.file_size} bytes instead of {facts['size']}.")
        return
    found = hashlib.sha256()
    try:
        with package.open(entry) as file:
            while chunk := file.read(_CHUNK_BYTES):
                found.update(chunk)
    except _UNREADABLE as error:
        yield PackageProblem("checksums", f"{entry.filename} cannot be read: {error}")
        return
    if found.hexdigest() != facts["sha256"]:
        yield PackageProblem("checksums", f"{entry.filename} has other bytes than {MANIFEST_NAME} says (SHA-256).")
