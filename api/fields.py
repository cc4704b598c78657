"""Kinds of values that several resources take: numbers that are numbers, texts that a database keeps, files."""

from typing import Annotated

from fastapi import File, Query, UploadFile
from pydantic import Field

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.production.shots.stages import Stage, State

MOST_NUMBER = 2**31 - 1

Count = Annotated[int, Field(strict=True, ge=1, le=MOST_NUMBER)]
"""A version, a place, a number of a thing."""
ShotNo = Annotated[int, Field(strict=True, ge=1, le=99_999, examples=[7])]
YesOrNo = Annotated[bool, Field(strict=True)]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]
Reason = Annotated[
    str, Field(max_length=2_000, pattern=r"^[^\x00]*$", description="For people, and for the next take.")
]

VersionQuery = Annotated[int | None, Query(ge=1, le=MOST_NUMBER, description="None: the current one.")]
StageQuery = Annotated[Stage | None, Query(description="Of this stage only.")]
StatesQuery = Annotated[list[State], Query(max_length=len(State), description="In one of these states only.")]

Upload = Annotated[UploadFile, File(description="The file, with its name.")]


def read_upload(file: UploadFile, most: int) -> tuple[bytes, str]:
    """Its bytes and what the client calls it. Raises BadInputError for more than `most` bytes."""
    data = file.file.read(most + 1)
    if len(data) > most:
        raise BadInputError(f"The file has more than {most:,} bytes.", field="body.file")
    return data, file.filename or ""
