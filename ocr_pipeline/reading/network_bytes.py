"""What is asked of an ONNX file without the library `onnx`, which training alone has.

An ONNX file is a protocol-buffer message: two messages one after the other are read as one in
which lists are joined, so an output is added by a few bytes behind the file.
"""

from __future__ import annotations

from collections.abc import Iterator

_GRAPH, _NODE, _OUTPUT = 7, 1, 12  # numbers of fields: of a model, of its graph
_INPUTS, _OUTPUTS, _OPERATOR = 1, 2, 4  # of a node
_LINEAR = frozenset({b"MatMul", b"MatMulInteger", b"Gemm"})
_SAME_VALUES = frozenset({b"DynamicQuantizeLinear", b"QuantizeLinear", b"DequantizeLinear"})


def last_features(model: bytes) -> str:
    """Name of the tensor that the last linear layer of a network reads.

    Raises:
        ValueError: there is no such layer, or these bytes are no network.

    """
    nodes = [
        _node(node)
        for number, graph in _parts(memoryview(model))
        if number == _GRAPH
        for number, node in _parts(graph)
        if number == _NODE
    ]
    makers = {
        output: (operator, inputs) for operator, inputs, outputs in nodes for output in outputs
    }
    linear = [inputs for operator, inputs, _ in nodes if operator in _LINEAR]
    if not linear:
        raise ValueError("no linear layer")
    name = linear[-1][0]
    while name in makers and makers[name][0] in _SAME_VALUES:
        name = makers[name][1][0]
    return name.decode("utf-8")


def with_output(model: bytes, tensor: str) -> bytes:
    """The network with a tensor among its outputs, behind those it has."""
    value = _framed(1, tensor.encode("utf-8"))
    return model + _framed(_GRAPH, _framed(_OUTPUT, value))


_Node = tuple[bytes, list[bytes], list[bytes]]


def _node(data: memoryview) -> _Node:
    """Operator, inputs, outputs."""
    parts = list(_parts(data))
    texts = {k: [bytes(p) for n, p in parts if n == k] for k in (_INPUTS, _OUTPUTS, _OPERATOR)}
    return b"".join(texts[_OPERATOR]), texts[_INPUTS], texts[_OUTPUTS]


def _parts(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and bytes of the fields of a message that have a length."""
    at = 0
    while at < len(data):
        tag, at = _whole_number(data, at)
        kind = tag & 7
        if kind == 2:
            length, at = _whole_number(data, at)
            if at + length > len(data):
                raise ValueError("cut off")
            yield tag >> 3, data[at : at + length]
            at += length
        elif kind == 0:
            _, at = _whole_number(data, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")


def _whole_number(data: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next thing begins."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("cut off")
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value, at
    raise ValueError("too long a number")


def _framed(number: int, data: bytes) -> bytes:
    return _bytes_of(number << 3 | 2) + _bytes_of(len(data)) + data


def _bytes_of(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
