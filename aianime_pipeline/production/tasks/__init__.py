"""The outbox: whatever a person, a schedule or a sensor asks for is a row here first, and runs are launched from it."""
