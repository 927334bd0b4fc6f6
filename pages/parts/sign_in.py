"""Who may come in: everybody who reaches the server, or whom the clinic's identity provider knows.

Sign-in is on where `.streamlit/secrets.toml` has a part `[auth]`, as Streamlit's `st.login` wants it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from pages.parts.local_visitor import is_this_computer
from pages.parts.session import forget_session, get_session

if TYPE_CHECKING:
    from melanoma.casebook.access import User

IDLE_SECONDS = float(os.environ.get("MELANOMA_IDLE_MINUTES", "30")) * 60  # without a click, then signed out
SIGNED_IN_SECONDS = 12 * 3600  # then one signs in anew

OPEN_TO_ALL = (
    "**Anyone on the network can use this server: it does not ask who comes in.** "
    "Whoever runs it should set up sign-in, or have it listen on this computer only (`deploy/README.md`)."
)


def is_set_up() -> bool:
    """Whether visitors have to sign in. Where the settings are there and cannot be read, nobody comes in."""
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    return any(Path(place).exists() for place in st.get_option("secrets.files"))


def is_open_to_others() -> bool:
    """Whether the server listens for other computers, or this browser came to it as to another computer."""
    host = st.context.headers.get("Host")
    came_from_here = host is None or is_this_computer(host.rsplit(":", 1)[0] if not host.endswith("]") else host)
    return not (is_this_computer(st.get_option("server.address")) and came_from_here)


def let_in() -> bool:
    """Whether the visitor may see the page; draws what stands in its place, or above it."""
    if not is_set_up():
        if is_open_to_others():
            st.warning(OPEN_TO_ALL, icon=":material/lock_open:")
        return True
    if not getattr(st.user, "is_logged_in", False):  # there is none where the settings cannot be read
        ask_to_sign_in()
        return False
    if time.time() - float(str(st.user.get("iat") or 0)) > SIGNED_IN_SECONDS:
        leave()
        return False
    get_session().last_click = time.monotonic()
    st.fragment(watch_idle, run_every=max(min(IDLE_SECONDS / 4, 30), 0.5))()
    with st.sidebar:
        st.text(f"Signed in as {name_user()}")  # plain: a name is no markup
        st.button("Sign out", on_click=leave, icon=":material/logout:", key="sign-out")
    return True


def name_user() -> str:
    """How the identity provider names who is signed in."""
    return str(st.user.get("name") or st.user.get("email") or st.user.get("sub"))


def find_user() -> User | None:
    """Who is signed in, with their role in the casebook; None where no sign-in is set up.

    An e-mail address that the identity provider calls unverified does not count. Raises CasebookError without a role.
    """
    from melanoma.casebook import CasebookError  # noqa: PLC0415 (late: it brings SQLAlchemy)
    from melanoma.casebook.access import ROLES, User  # noqa: PLC0415

    if not is_set_up():
        return None
    address = str(st.user.get("email") or "").casefold()
    roles = st.secrets.get("roles", {})
    own = [role for role in ROLES if address and address in [str(one).casefold() for one in roles.get(role, [])]]
    if not own or st.user.get("email_verified") is False:
        raise CasebookError("You have no role in the casebook. Ask whoever runs the server for one.")
    return User(address, own[-1])


def ask_to_sign_in() -> None:
    """What stands in the place of every page until then."""
    st.title("Melanoma", anchor=False)
    st.markdown(f"Sign in with your clinic's account. {RESEARCH_USE}")
    st.button("Sign in", on_click=st.login, type="primary", icon=":material/login:", key="sign-in")


def watch_idle() -> None:
    """Again and again: sign out who has not clicked for long. A computer that was left alone shows nobody's photos."""
    if time.monotonic() - get_session().last_click > IDLE_SECONDS:
        leave()


def leave() -> None:
    """Forget the photos and answers of this visit, and sign out."""
    forget_session()
    st.logout()
