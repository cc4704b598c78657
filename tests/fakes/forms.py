"""Multipart forms as they come."""

import email

from fakes.vendor import Asked


def form_of(asked: Asked) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """The fields of a multipart form, and its files by the names of their fields."""
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    fields, files = {}, []
    for part in email.message_from_bytes(head + asked.raw).walk():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            continue
        if part.get_filename():
            files.append((name, data))
        else:
            fields[name] = data.decode()
    return fields, files
