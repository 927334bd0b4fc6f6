"""Untrusted bytes -> Photo -> quality -> crop."""
