"""The services: what the Dagster assets, the command line and the API call. They own the database's rules."""
