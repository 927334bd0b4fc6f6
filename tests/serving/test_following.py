"""A folder that grows is followed until nothing comes; a file that is still written waits."""

import os

from melanoma.serving.following import SETTLED, follow_photos


class Clock:
    """Time passes only while somebody waits, and then things happen."""

    def __init__(self, events):
        self.time, self.events = 1000.0, list(events)

    def wait(self, seconds):
        self.time += seconds
        if self.events:
            self.events.pop(0)()


def test_a_folder_is_followed_until_nothing_comes(tmp_path):
    def put(name, content=b"x"):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (clock.time, clock.time))

    clock = Clock([lambda: put("b"), lambda: put("b", b"whole"), lambda: None, lambda: None, lambda: put("a", b"new")])
    put("a")
    clock.time += SETTLED
    followed = follow_photos(lambda: sorted(tmp_path.iterdir()), 5, wait=clock.wait, now=lambda: clock.time)
    came = [(name and name[-1], clock.time - 1000) for name in followed]
    assert [one for one in came if one[0]] == [("a", 2), ("b", 6), ("a", 9)]
    assert came[-1] == (None, 13)


def test_a_file_that_has_gone_comes_once(tmp_path):
    clock = Clock([])
    absent = tmp_path / "absent.png"
    names = list(follow_photos(lambda: [absent], 2, wait=clock.wait, now=lambda: clock.time))
    assert names == [str(absent), None, None]
