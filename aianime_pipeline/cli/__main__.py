"""`python -m aianime_pipeline.cli`."""

from aianime_pipeline.cli.app import main

main()
