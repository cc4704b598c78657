"""A project's characters, locations and props: collected, changed, drawn, looked up."""
