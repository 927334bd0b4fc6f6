"""Networks that ONNX Runtime would open, and that are not opened here, or do not stop the app."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from melanoma.run import RunError
from melanoma.serving.engines import KIND, LOGITS, PIXELS, OnnxEngine

SIDE = 16


def weights(name: str, columns: int) -> TensorProto:
    return numpy_helper.from_array(np.full((3, columns), 0.01, np.float32), name)


def elsewhere(name: str, columns: int) -> TensorProto:
    """Weights in a file beside the network's."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[3, columns])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def network(make=weights, name: str = PIXELS, between=(), constants=()) -> bytes:
    """The mean colour times some weights. between: nodes that make `mean` of `first`."""
    nodes = [
        helper.make_node("ReduceMean", [name], ["first" if between else "mean"], axes=[1, 2], keepdims=0),
        *between,
        helper.make_node("MatMul", ["mean", "w"], [LOGITS]),
        helper.make_node("MatMul", ["mean", "k"], [KIND]),
    ]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, size)) for n, size in ((LOGITS, 9), (KIND, 3))]
    pixels = helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, SIDE, SIDE, 3))
    graph = helper.make_graph(nodes, "network", [pixels], outputs, [make("w", 9), make("k", 3), *constants])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model.SerializeToString()


def endless() -> bytes:
    value, condition = (helper.make_tensor_value_info("v", 1, (1, 3)), helper.make_tensor_value_info("c", 9, ()))
    again = [helper.make_node("Identity", [n], [f"{n}2"]) for n in "cv"]
    ends = [helper.make_tensor_value_info("c2", 9, ()), helper.make_tensor_value_info("v2", 1, (1, 3))]
    body = helper.make_graph(again, "body", [helper.make_tensor_value_info("i", 7, ()), condition, value], ends)
    loop = helper.make_node("Loop", ["", "yes", "first"], ["mean"], body=body)
    return network(between=[loop], constants=[numpy_helper.from_array(np.array(True), "yes")])


def huge() -> bytes:
    """Asks for terabytes when it is run."""
    ones = helper.make_node("ConstantOfShape", ["size"], ["ones"])
    rest = [
        helper.make_node("ReduceSum", ["ones"], ["sum"], keepdims=0),
        helper.make_node("Add", ["first", "sum"], ["mean"]),
    ]
    return network(between=[ones, *rest], constants=[numpy_helper.from_array(np.array([10**12]), "size")])


@pytest.fixture
def path(tmp_path):
    (tmp_path / "weights.bin").write_bytes(np.full(27, 0.01, np.float32).tobytes())
    return tmp_path / "model.onnx"


def test_a_network_of_one_file_is_opened(path):
    path.write_bytes(network())
    assert OnnxEngine(path).forward(np.zeros((2, SIDE, SIDE, 3), np.uint8)).logits.shape == (2, 9)


@pytest.mark.parametrize(
    "content", [network(elsewhere), network(name="image"), endless()], ids=["files", "input", "loop"]
)
def test_weights_in_other_files_other_inputs_and_loops_are_not_opened(path, content):
    """Checksums do not cover the first; the last would never answer."""
    path.write_bytes(content)
    with pytest.raises(ValueError):
        OnnxEngine(path)


def test_a_network_that_asks_for_too_much_is_one_sentence(path):
    path.write_bytes(huge())
    engine = OnnxEngine(path)
    with pytest.raises(RunError, match=r"model\.onnx cannot answer for a photo\. Restore it or choose another run\.$"):
        engine.forward(np.zeros((1, SIDE, SIDE, 3), np.uint8))
