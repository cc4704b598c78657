"""The web service: log in, trigger, watch, review, download, account for it. It holds no rules of its own."""
