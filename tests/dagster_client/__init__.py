"""Tests of the client against a live web server, which is up as long as they run."""
