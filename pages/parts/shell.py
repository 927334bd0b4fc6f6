"""What every page has that Streamlit does not give: icon, a focus that is seen, a menu that closes, a lost server."""

import streamlit as st

from pages.parts import connection

# Drawn here: Streamlit would fetch the picture of a named icon from elsewhere.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="none"
 stroke="#0B5F83" stroke-width="3"/><path d="M16 9c5 0 7 4 6 8s-5 6-9 5-4-6-2-9 3-4 5-4z" fill="#7A4A30"/></svg>"""


# Streamlit marks a link of the navigation that has the focus by a grey that is hard to see.
STYLE = """<style>
.st-key-shell { display: none; }
:is([data-testid=stTopNavLink], [data-testid=stTopNavSection], [data-testid=stSidebarNavLink]):focus-visible {
  outline: 3px solid currentColor !important; outline-offset: -3px;
}
/* Streamlit's white cannot be read on the light blue of a dark page. Canvas is white on a light page, else black. */
[data-testid=stBaseButton-primary]:not(:disabled) { color: Canvas !important; }
/* Charts are drawn once, in INK of widgets.py; the page may turn dark, or light, afterwards. */
[data-testid=stPlotlyChart] text[style*="rgb(64, 80, 90)"] { fill: currentColor !important; }
.st-key-decision h2:focus { outline: none; box-shadow: none; } /* read out after an upload; nothing to press there */
</style>"""

# On a phone, Streamlit leaves its menu open over the page that was chosen in it.
SCRIPT = """<script>window.closesMenu ??= (document.addEventListener('click', event => {
  if (innerWidth < 640 && event.target.closest('[data-testid=stSidebarNavLink]'))
    setTimeout(() => document.querySelector('[data-testid=stSidebarCollapseButton] button')?.click());
}, true), true);</script>"""


def draw_shell() -> None:
    """Once a page; nothing of it is seen by itself."""
    with st.container(key="shell"):
        words = f"<style>{connection.STYLE}</style><script>{connection.SCRIPT}</script>"
        st.html(STYLE + SCRIPT + words, unsafe_allow_javascript=True)
