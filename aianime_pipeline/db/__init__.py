"""The database: engine, models, migrations. One schema for SQLite and PostgreSQL."""
