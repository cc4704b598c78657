"""Volcengine Ark: pictures by Seedream in one answer, clips by Seedance as tasks.

Paths, fields, words and codes were taken from the vendor's documentation and from public clients, and were not tried
against the live service. Paths, states and limits stand in `wire`, error codes in `errors`; `images` and `videos` make
what goes out and read what comes back, both pure but for reading pictures; `adapter` asks.
"""

from aianime_pipeline.providers.adapters.ark.adapter import Ark

__all__ = ["Ark"]
