"""The object store: every picture, clip, voice, film and document, filed under the digest of its own bytes."""
