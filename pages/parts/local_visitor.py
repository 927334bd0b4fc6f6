"""Whether the visitor sits at the computer that runs the program."""

from ipaddress import ip_address

import streamlit as st

LOCAL = {None, "127.0.0.1", "::1", "localhost"}


def is_this_computer(address: str | None) -> bool:
    """Whether an address, or the host that a browser asked for, is the computer's own. None: every address."""
    name = (address or "").strip("[]")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def runs_locally() -> bool:
    """Whether browser and server share a computer: a visitor from elsewhere must not name paths on this one."""
    headers = st.context.headers
    forwarded = any(name.lower() in ("x-forwarded-for", "forwarded", "x-real-ip") for name in headers)
    host = (headers.get("Host") or "localhost").rsplit(":", 1)[0].strip("[]")
    return st.context.ip_address in LOCAL and host in LOCAL and not forwarded
