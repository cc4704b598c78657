"""The AI reviewers: what each of them looks at, and what they say of it together. Pure of database and network."""
