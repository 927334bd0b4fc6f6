"""Who may come in: everybody who reaches the server, or whom the clinic's identity provider knows.

Sign-in is on where `.streamlit/secrets.toml` has a part `[auth]`, as Streamlit's `st.login` wants it.
"""

from __future__ import annotations

import math
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
SIGNED_IN_HOURS = 12  # then one signs in anew
WARNING_SECONDS = 300  # before either

OPEN_TO_ALL = (
    "**Anyone on the network can use this server: it does not ask who comes in.** "
    "Whoever runs it should set up sign-in, or have it listen on this computer only (`deploy/README.md`)."
)
FORGOTTEN = "Photos, answers, and what was typed and not saved are forgotten"
EXPIRED = f"You signed in {SIGNED_IN_HOURS} hours ago: sign in again. {FORGOTTEN}."
RULES = (
    f"Who does not click for {IDLE_SECONDS / 60:g} minutes is signed out, and after {SIGNED_IN_HOURS} hours everybody "
    f"signs in again. {FORGOTTEN} then."
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
    if has_expired():
        forget_session()
        ask_to_sign_in(EXPIRED)
        return False
    note_click()
    st.fragment(watch_time, run_every=max(min(IDLE_SECONDS / 4, 30, find_seconds_left()), 0.5))()
    with st.sidebar:
        st.text(f"Signed in as {name_user()}")  # plain: a name is no markup
        st.button("Sign out", on_click=leave, icon=":material/logout:", key="sign-out")
    return True


def find_seconds_left() -> float:
    """Until one signs in anew, counted from when the identity provider says that one did."""
    return float(str(st.user.get("iat") or 0)) + SIGNED_IN_HOURS * 3600 - time.time()


def has_expired() -> bool:
    """Whether the visitor signed in so long ago that they do not count as signed in any more."""
    return find_seconds_left() <= 0


def note_click() -> None:
    """The visitor is there. For fragments too, at whose clicks nothing else of the page is run."""
    get_session().last_click = time.monotonic()


def name_user() -> str:
    """How the identity provider names who is signed in."""
    return str(st.user.get("name") or st.user.get("email") or st.user.get("sub"))


def find_user() -> User | None:
    """Who is signed in, with their role in the casebook; None where no sign-in is set up.

    An e-mail address that the identity provider calls unverified does not count. Raises CasebookError without a role,
    and where they have to sign in again.
    """
    from melanoma.casebook import CasebookError  # noqa: PLC0415 (late: it brings SQLAlchemy)
    from melanoma.casebook.access import ROLES, User  # noqa: PLC0415

    if not is_set_up():
        return None
    if has_expired():
        raise CasebookError(EXPIRED)
    address = str(st.user.get("email") or "").casefold()
    roles = st.secrets.get("roles", {})
    own = [role for role in ROLES if address and address in [str(one).casefold() for one in roles.get(role, [])]]
    if not own or st.user.get("email_verified") is False:
        raise CasebookError("You have no role in the casebook. Ask whoever runs the server for one.")
    return User(address, own[-1])


def ask_to_sign_in(why_again: str = "") -> None:
    """What stands in the place of every page until then. why_again: to who has signed in before."""
    st.title("Melanoma", anchor=False)
    if why_again:
        st.warning(why_again, icon=":material/timer_off:")
    st.markdown(f"Sign in with your clinic's account. {RESEARCH_USE}")
    st.button("Sign in", on_click=st.login, type="primary", icon=":material/login:", key="sign-in")
    if not why_again:
        st.caption(RULES)


def watch_time() -> None:
    """Again and again: sign out who has not clicked for long, and ask who signed in long ago to do so again.

    A computer that was left alone shows nobody's photos. Before, what will be forgotten is said.
    """
    idle, left = get_session().last_click + IDLE_SECONDS - time.monotonic(), find_seconds_left()
    if idle <= 0:
        leave()
    elif left <= 0:
        st.rerun()  # which `let_in` ends
    elif words := describe_end(idle, left):
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="time-left"):
            st.markdown(f":material/timer: {words}", width="stretch")
            if ends_idle(idle, left):
                st.button("Stay signed in", on_click=note_click, key="stay-signed-in")


def describe_end(idle: float, left: float) -> str:
    """What happens soon, empty where nothing does.

    idle: seconds until who does not click is signed out; left: until one signs in anew.
    """
    if ends_idle(idle, left):
        return f"{_write_minutes(idle)} you are signed out, as you have not clicked for long. {FORGOTTEN} then."
    if left < WARNING_SECONDS:
        return (
            f"{_write_minutes(left)} you are asked to sign in again, as you did so {SIGNED_IN_HOURS} hours ago. "
            "Save your work now."
        )
    return ""


def ends_idle(idle: float, left: float) -> bool:
    """Whether it is who does not click that is signed out soon; idle, left: as of `describe_end`."""
    return idle < min(left, WARNING_SECONDS, IDLE_SECONDS / 4)


def _write_minutes(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return "Within a minute" if minutes <= 1 else f"In {minutes} minutes"


def leave() -> None:
    """Forget the photos and answers of this visit, and sign out."""
    forget_session()
    st.logout()
