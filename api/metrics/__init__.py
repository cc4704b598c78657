"""What Prometheus asks for at /metrics (docs/metrics.md).

requests.py   what this process answered, measured as it does
cached.py     a figure that is looked up now and then, by one thread at a time
dagster.py    Dagster's queue and daemons
families.py   figures as metrics, with their names and words
collecting.py all of them in one answer
"""
