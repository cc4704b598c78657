"""The vendor of the guide «How to add a provider»: speech that is a tone, 20 micros a character."""

import uuid

from fakes.media import wav
from fakes.vendor import Asked, FakeVendor, Reply

KEY = "tone-key"
MICROS = 20


class Tone(FakeVendor):
    name = "tone"
    routes = (("POST", "/say", "submit", "say"), ("GET", "/voices", "free", "voices"))

    def say(self, asked: Asked) -> Reply:
        if (refused := self.refused(asked)) is not None:
            return refused
        if not asked.body.get("text"):
            return Reply({"code": "bad_text", "message": "there is nothing to say"}, 400)
        self.charge(uuid.uuid4().hex, MICROS * len(asked.body["text"]), asked.body)
        return Reply(wav(500), headers={"content-type": "audio/wav"})

    def voices(self, asked: Asked) -> Reply:
        return self.refused(asked) or Reply({"voices": ["anna", "tom"]})

    def refused(self, asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") == f"Bearer {KEY}":
            return None
        return Reply({"code": "wrong_key", "message": "who are you"}, 401)


if __name__ == "__main__":
    Tone().serve()
