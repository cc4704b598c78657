"""The command line `aianime`: a contract that scripts rely on. Heavy imports stay inside the commands."""

from aianime_pipeline.cli.app import main as main
