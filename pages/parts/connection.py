"""What a page says while its server is away, and when it is back.

Streamlit asks for the server again every four seconds, and then draws the page anew where its script had not ended, and
else leaves the old answer there. Meanwhile, that answer stands behind words on Streamlit. This says what is going on
within a second, in words of our own, and has the page drawn anew in any case, by the key that Streamlit keeps for it.
"""

LOST = (
    "The connection to the server is lost. What stands below is from before, and clicks do nothing. "
    "This page tries again by itself. When the server was started anew, photos have to be opened again."
)
BACK = "The server is back. The page is being drawn anew."

# Streamlit's own box says to start Streamlit; and it hides all that is outside of it from screen readers.
STYLE = """
#connection { position: fixed; inset: 0 0 auto 0; z-index: 2000000; padding: 0.75rem 1rem;
  background: #0B5F83; color: #FFFFFF; font: 600 1rem/1.5 "Source Sans", sans-serif; }
body:has(#connection) [data-testid=stMain] { opacity: 0.4; }
body:has(#connection) [data-testid=stDialog] { display: none; }
"""

# Every half second, as Streamlit tells nobody. The server is away at the second look, not in a hiccup.
SCRIPT = """window.watchesConnection ??= (() => {
  const lost = %r, back = %r;
  let banner, looks = 0, asked = false;
  return setInterval(() => {
    const {testConnectionState: state, testScriptState: script} =
      document.querySelector('[data-testid=stApp]')?.dataset ?? {};
    looks = state === 'CONNECTED' ? 0 : looks + 1;
    if (looks > 1 && !banner) {
      banner = document.body.appendChild(document.createElement('div'));
      banner.id = 'connection';
      banner.setAttribute('role', 'alert');
    }
    if (!banner) return;
    const words = looks ? lost : back;
    if (banner.textContent !== words) banner.textContent = words;
    banner.removeAttribute('aria-hidden');
    banner.inert = false;
    if (looks) asked = false;
    if (looks || script !== 'notRunning') return;
    if (asked) { banner.remove(); banner = undefined; }
    else document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', code: 'KeyR', bubbles: true}));
    asked = !asked;
  }, 500);
})();""" % (LOST, BACK)  # noqa: UP031 (braces of two languages)
