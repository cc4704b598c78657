"""What our processes ask of Dagster's web server, over its GraphQL interface. Nothing of it is loaded with the
definitions."""
