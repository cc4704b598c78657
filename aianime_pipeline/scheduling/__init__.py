"""When things are due: cron expressions, clock changes, and what becomes of times that were missed. Pure."""
