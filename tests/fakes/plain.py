"""A vendor of nothing in particular, for what all adapters share: jobs that are asked for, sounds as bytes, files.

A job and a sound cost 1,000 micros each. A refusal is {"code": …, "message": …}; a success has no `code`.
"""

from io import BytesIO
from typing import ClassVar

from PIL import Image

from fakes.vendor import Asked, FakeVendor, Reply

MICROS = 1_000


class Plain(FakeVendor):
    name: ClassVar[str] = "plain"
    routes: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("POST", r"/jobs", "submit", "submit"),
        ("POST", r"/sounds", "submit", "sound"),
        ("POST", r"/pictures", "free", "picture"),
        ("GET", r"/jobs/(\w+)", "poll", "poll"),
        ("DELETE", r"/jobs/(\w+)", "free", "cancel"),
    )

    def submit(self, asked: Asked) -> Reply:
        return Reply({"id": self.begin(asked.body, MICROS).id})

    def sound(self, asked: Asked) -> Reply:
        job = self.begin(asked.body, MICROS)
        return Reply(b"OggS" + job.id.encode(), headers={"content-type": "audio/ogg; codecs=opus"})

    def picture(self, asked: Asked) -> Reply:
        """Where a picture can be fetched; it is made for nothing."""
        with BytesIO() as file:
            Image.new("RGB", (64, 36), "red").save(file, "PNG")
            return Reply({"url": self.keep_file(file.getvalue(), "image/png")})

    def poll(self, asked: Asked) -> Reply:
        job = self.jobs.get(asked.match[1])
        if job is None:
            return Reply({"code": "NoSuchJob", "message": f"no job {asked.match[1]}"}, 404)
        self.settle(job)
        return Reply({"id": job.id, "state": job.state})

    def cancel(self, asked: Asked) -> Reply:
        job = self.jobs.get(asked.match[1])
        if job is None:
            return Reply({"code": "NoSuchJob", "message": "no such job"}, 404)
        job.cancelled = True
        return Reply({})


if __name__ == "__main__":
    Plain().serve()
