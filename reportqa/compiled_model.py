"""In: the folder of the bundled model and rows of token ids. Out: unit vectors, by OpenVINO.

The only user of openvino. The model's graph is written out here and compiled from the folder's
weights in half a second, without torch; the word vectors stay on the disk, mapped, and only the
rows that a text needs are read. The texts of a batch stand one behind the other without padding;
for the attention alone they are laid out as rows of one width, a multiple of STEP: so a text has
the same vector, to the bit, whatever stands beside it in a batch. It multiplies in bfloat16 where
the processor does, else in int8 where it does that, else in float32.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["CompiledModel"]

STEP: Final = 16  # tokens; rows of another width change the last bits of a text's attention
HIDDEN: Final = np.float32(-1e9)  # added to the attention that padding gets
GROUP: Final = 32  # weights in a row that share a scale in int8, as in the model's own four bits
CPU_FLAGS: Final = Path("/proc/cpuinfo")
INT8: Final = "avx512_vnni"  # a processor's flag; with narrower registers it is not measured

Precision = Literal["bfloat16", "int8", "float32"]

OPTIONS: Final[dict[Precision, dict[str, Any]]] = {
    "bfloat16": {"INFERENCE_PRECISION_HINT": "bf16"},
    "int8": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP},
    "float32": {"INFERENCE_PRECISION_HINT": "f32"},
}

Floats = NDArray[np.float32]


class CompiledModel:
    """A BERT of a sentence-transformers folder with mean pooling, in OpenVINO. One thread at a
    time may use it; it takes all cores for one call."""

    backend: str
    """In words, how texts are encoded on this machine and why."""

    def __init__(self, folder: Path, *, exact: bool) -> None:
        """Compile the model of a folder; `exact` keeps float32 on any processor. Raises ImportError
        without openvino, OSError, ValueError, KeyError or RuntimeError for a folder or processor it
        cannot be made for."""
        openvino = _import_openvino()
        weights = _map_weights(folder / "model.safetensors")
        sizes = json.loads((folder / "config.json").read_text("utf-8"))
        self._words = weights["embeddings.word_embeddings.weight"]
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        self._places: Floats = weights["embeddings.position_embeddings.weight"] + kind
        core = openvino.Core()
        bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision, reason = _precision(bf16=bf16, exact=exact)
        compiled = core.compile_model(
            _graph(sizes, weights, in_int8=precision == "int8"),
            "CPU",
            OPTIONS[precision] | {"PERFORMANCE_HINT": "LATENCY"},
        )
        self._request = compiled.create_infer_request()
        self.backend = f"OpenVINO, {precision} ({reason})"

    def vectors(self, rows: Sequence[Sequence[int]]) -> Floats:
        """Unit vectors (n, dimension) of texts given as token ids, none of them empty."""
        lengths = np.array([len(row) for row in rows])
        firsts = np.cumsum(lengths) - lengths
        ids = np.concatenate(rows)
        everywhere = np.arange(len(ids), dtype=np.int32)
        width = -(-int(lengths.max()) // STEP) * STEP
        kept = np.arange(width) < lengths[:, None]
        token_of = np.zeros(kept.shape, np.int32)
        token_of[kept] = everywhere
        inputs = {
            "embedded": self._words[ids] + self._places[everywhere - np.repeat(firsts, lengths)],
            "padding": np.where(kept, np.float32(0), HIDDEN)[:, None, None, :],
            "token_of": token_of,
            "place_of": np.flatnonzero(kept).astype(np.int32),
        }
        hidden = self._request.infer(inputs, share_inputs=True, share_outputs=True)[0]
        means: Floats = np.add.reduceat(hidden, firsts, axis=0)
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        return means


def _precision(*, bf16: bool, exact: bool) -> tuple[Precision, str]:
    """What is multiplied in, and why; `bf16` tells whether the processor multiplies that itself."""
    if exact:
        return "float32", "asked for"
    if bf16:
        return "bfloat16", "this processor multiplies it"
    flags = CPU_FLAGS.read_text("utf-8").split() if CPU_FLAGS.exists() else []
    if INT8 in flags:
        return "int8", "this processor does not multiply bfloat16"
    return "float32", "this processor multiplies neither bfloat16 nor int8"


def _import_openvino() -> Any:
    """The library, without the message it sends its maker each time it is imported: it does
    without the package that sends it where that is not installed."""
    sender = "openvino_telemetry"
    before = sys.modules.get(sender)
    sys.modules[sender] = None  # type: ignore[assignment]  # "not installed"
    try:
        import openvino
    finally:
        if before is None:
            del sys.modules[sender]
        else:
            sys.modules[sender] = before
    return openvino


def _map_weights(path: Path) -> dict[str, Floats]:
    """The float32 tensors of a safetensors file, mapped: eight bytes of length, a JSON header, the
    tensors one behind the other."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    weights: dict[str, Floats] = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: {name} is {entry['dtype']}, not F32")
        at = 8 + length + entry["data_offsets"][0]
        weights[name] = np.memmap(path, np.float32, "r", at, tuple(entry["shape"]))
    return weights


def _graph(sizes: dict[str, Any], weights: dict[str, Floats], *, in_int8: bool) -> Any:
    """BERT behind its embeddings: those of all tokens (t, width), the attention's padding
    (b, 1, 1, l), which token stands at each of the b × l places, any where padding does, and at
    which place each token does (t) → the last hidden state of all tokens (t, width)."""
    from openvino import Model
    from openvino import opset13 as op

    width, heads = sizes["hidden_size"], sizes["num_attention_heads"]
    linear = partial(_linear, weights, _in_int8 if in_int8 else op.constant)
    normalised = partial(_normalised, weights, sizes)
    by_head = op.constant(np.array([0, 0, heads, width // heads], np.int64))
    by_place = op.constant(np.array([-1, width], np.int64))
    swap = op.constant(np.array([0, 2, 1, 3], np.int64))
    first = op.constant(np.array(0, np.int64))

    embedded = op.parameter([-1, width], np.float32, name="embedded")
    padding = op.parameter([-1, 1, 1, -1], np.float32, name="padding")
    token_of = op.parameter([-1, -1], np.int32, name="token_of")
    place_of = op.parameter([-1], np.int32, name="place_of")

    def laid_out(state: Any) -> Any:
        rows = op.gather(state, token_of, first)
        return op.transpose(op.reshape(rows, by_head, True), swap)

    state = normalised(embedded, "embeddings.LayerNorm")
    for layer in range(sizes["num_hidden_layers"]):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            laid_out(linear(state, f"{name}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        attended = op.scaled_dot_product_attention(query, key, value, padding)
        rows = op.reshape(op.transpose(attended, swap), by_place, False)
        joined = op.gather(rows, place_of, first)
        output = op.add(linear(joined, f"{name}.attention.output.dense"), state)
        state = normalised(output, f"{name}.attention.output.LayerNorm")
        inner = op.gelu(linear(state, f"{name}.intermediate.dense"), "ERF")
        outer = op.add(linear(inner, f"{name}.output.dense"), state)
        state = normalised(outer, f"{name}.output.LayerNorm")
    return Model([state], [embedded, padding, token_of, place_of], "bert")


def _linear(
    weights: dict[str, Floats], constant: Callable[[Floats], Any], state: Any, name: str
) -> Any:
    from openvino import opset13 as op

    product = op.matmul(state, constant(weights[f"{name}.weight"]), False, True)
    return op.add(product, op.constant(weights[f"{name}.bias"]))


def _in_int8(weight: Floats) -> Any:
    """A matrix, each GROUP of a row in int8 by a scale of its own. Where the processor multiplies
    int8, OpenVINO rounds what it is multiplied with likewise, group by group."""
    from openvino import opset13 as op

    groups = weight.reshape(len(weight), -1, GROUP)
    scales = np.abs(groups).max(axis=2, keepdims=True) / np.float32(127)
    scales[scales == 0] = 1
    whole = op.convert(op.constant(np.rint(groups / scales).astype(np.int8)), np.float32)
    shape = op.constant(np.array(weight.shape, np.int64))
    return op.reshape(op.multiply(whole, op.constant(scales)), shape, False)


def _normalised(weights: dict[str, Floats], sizes: dict[str, Any], state: Any, name: str) -> Any:
    from openvino import opset13 as op

    last = op.constant(np.array([-1], np.int64))
    centred = op.mvn(state, last, True, sizes["layer_norm_eps"], "INSIDE_SQRT")
    scaled = op.multiply(centred, op.constant(weights[f"{name}.weight"]))
    return op.add(scaled, op.constant(weights[f"{name}.bias"]))
