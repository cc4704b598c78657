"""Vendors that are not there: small servers, processes of their own, that speak HTTP as the vendors document it."""
