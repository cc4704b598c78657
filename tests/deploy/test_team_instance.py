"""A team's instance as it is deployed: web server and daemon on PostgreSQL, objects and logs in a bucket."""

import uuid
from collections.abc import Iterator

import obstore
import psycopg2
import pytest
from obstore.store import S3Store
from support.instance import Instance, running_instance
from support.postgres import PostgresServer
from support.seaweed import BUCKET, SeaweedServer

from aianime_pipeline.instance import ROOT

pytestmark = pytest.mark.instance


@pytest.fixture(scope="module")
def dagster_url(postgres: PostgresServer) -> str:
    return postgres.url(postgres.new_database())


@pytest.fixture(scope="module")
def instance(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, seaweed: SeaweedServer, dagster_url: str
) -> Iterator[Instance]:
    variables = seaweed.environment | {
        "AIANIME_DATABASE_URL": postgres.url(postgres.new_database()),
        "AIANIME_OBJECTS_URL": seaweed.url(uuid.uuid4().hex),
        "AIANIME_DAGSTER_CONFIG": str(ROOT / "deploy" / "dagster.yaml"),
        "AIANIME_DAGSTER_DATABASE_URL": dagster_url,
        "AIANIME_LOGS_BUCKET": BUCKET,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)  # for a look into the installation from here
        with running_instance(tmp_path_factory.mktemp("team"), **variables) as running:
            yield running


@pytest.fixture(scope="module")
def run(instance: Instance) -> str:
    """An episode made by the daemon's queue."""
    [episode] = instance.put_shots("team", 1)
    run = instance.ui.launch("make_episode", episode)
    instance.ui.succeeded(run, seconds=180)
    return run


def test_a_run_is_remembered_in_postgresql_and_not_in_the_home(instance: Instance, run: str, dagster_url: str) -> None:
    connection = psycopg2.connect(dagster_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT status FROM runs WHERE run_id = %s", (run,))
            assert cursor.fetchall() == [("SUCCESS",)]
    finally:
        connection.close()
    assert list((instance.home / "dagster").rglob("*.db")) == []


def test_what_a_run_printed_lies_in_the_bucket(run: str, seaweed: SeaweedServer) -> None:
    bucket = S3Store(
        BUCKET,
        config={
            "endpoint": seaweed.endpoint,
            "access_key_id": seaweed.environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": seaweed.environment["AWS_SECRET_ACCESS_KEY"],
        },
        client_options={"allow_http": True},
    )
    logs = [found for page in obstore.list(bucket, f"dagster-logs/storage/{run}") for found in page]
    assert any(log["path"].endswith(".err") and log["size"] > 0 for log in logs), logs


def test_its_objects_lie_in_the_bucket_too(instance: Instance, run: str) -> None:
    assert not (instance.home / "objects").exists()
    assert len(list(instance.place.store.digests())) > 3


def test_a_command_sees_the_same_instance(instance: Instance, run: str) -> None:
    assert instance.command("make", "team-e001")["stages"]["images"]["kept"] == 1


def test_it_is_upgraded_while_it_is_up(instance: Instance, run: str) -> None:
    done = instance.command("upgrade", "--wait", "2")
    assert not done["changed"]
    assert instance.is_up


def test_its_backup_is_told_to_be_without_dagsters_database(instance: Instance, run: str) -> None:
    done = instance.command("backup", str(instance.home.parent / "backup"))
    assert (done["dagster"], done["missing"]) == (False, [])
    assert done["objects"] > 3
