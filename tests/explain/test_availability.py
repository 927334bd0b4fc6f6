import subprocess
import sys

import pytest

from melanoma.explain.availability import check_tensorflow, require_tensorflow
from melanoma.run import RunError


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="TensorFlow has no release for this Python")
def test_nothing_is_said_where_all_is_installed():
    assert check_tensorflow() is None


def test_what_is_missing_is_named_with_what_to_do(monkeypatch):
    for module in ("keras", "tensorflow", "tf_keras_vis"):
        monkeypatch.setitem(sys.modules, module, None)
    sentence = check_tensorflow()
    assert sentence.startswith("Keras, TensorFlow, tf-keras-vis are not installed. ")
    assert "`pip install -r requirements.txt`" in sentence
    assert "Python 3.11, 3.12 or 3.13" in sentence


def test_one_that_is_missing_is_named_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "tf_keras_vis", None)
    assert check_tensorflow().startswith("tf-keras-vis is not installed. ")


def test_the_question_imports_no_tensorflow():
    """A page asks it before anything is drawn; the import would take seconds."""
    code = "import sys; from melanoma.explain.availability import check_tensorflow; check_tensorflow(); "
    code += "print(sorted({'keras', 'tensorflow', 'tf_keras_vis'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_a_map_that_needs_what_is_missing_is_refused_in_a_sentence(monkeypatch):
    require_tensorflow()
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(RunError, match=r"This heatmap cannot be made\. TensorFlow is not installed"):
        require_tensorflow()
