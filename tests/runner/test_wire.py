"""What crosses the pipe comes out as it went in, and nothing else comes out."""

import io
import struct
from typing import NamedTuple

import numpy as np
import pytest

from katagrad.submission import wire


class Point(NamedTuple):
    """A named tuple of the sender's."""

    x: float
    y: float


def through(value, keep=None, revive=lambda value: value, *, layout=False):
    stream = io.BytesIO()
    wire.send(stream, value, keep or (lambda value: wire.Kept("handle", 0, type(value).__name__)), layout=layout)
    stream.seek(0)
    return wire.receive(stream, revive, layout=layout)


def frame(text, block=b""):
    return io.BytesIO(struct.pack("<QQ", len(text), len(block)) + text + block)


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            True,
            False,
            0,
            -(2**80),
            1.5,
            -0.0,
            5e-324,
            float("inf"),
            float("-inf"),
            "",
            "naïve \ud800 \x00",
            b"\x00\xff",
        ),
        *([], [1, [2.0, "x"]], (), (1, (2,)), {}, {"a": [1], 2: (3,)}, {1, 2}, 1 + 2j),
    ],
)
def test_plain_values(value):
    """Plain values keep their type and value."""
    back = through(value)
    assert type(back) is type(value)
    assert back == value
    assert str(back) == str(value)


def test_nan():
    """NaN is a value like any other."""
    assert np.isnan(through(float("nan")))


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", "c16", "U3", "S2", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_arrays(rng, dtype, shape):
    """An array keeps its dtype, shape and every bit, and comes out writable, with memory of its own."""
    array = np.array(rng.normal(size=shape) * 10, dtype)
    pair = through([array, array])
    for back in pair:
        assert back.dtype == array.dtype
        assert back.shape == array.shape
        assert back.tobytes() == array.tobytes()
        assert back.flags.writeable
    assert not np.shares_memory(*pair)


LAYOUTS = {
    "C order": lambda x: x,
    "transposed": lambda x: x.T,
    "Fortran order": np.asfortranarray,
    "every second": lambda x: x[::2, ::2],
    "reversed": lambda x: x[::-1, ::-1],
    "one reversed": lambda x: x[:, ::-1],
    "a part": lambda x: x[1:, 2:5],
    "axes moved": lambda x: np.moveaxis(x.reshape(4, 2, 3), 0, 1),
    "broadcast": lambda x: np.broadcast_to(x[:, :1], (4, 9)),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x[0], 3),
    "one column": lambda x: x[:, 3],
}


@pytest.mark.parametrize("dtype", ["f8", ">i4", "U3", "?"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(rng, name, dtype):
    """An array keeps its place in memory where the sender says it: strides, order, and whether it may be written."""
    view = LAYOUTS[name]((rng.normal(size=(4, 6)) * 10).astype(dtype))
    for writable in (view.flags.writeable, False):
        view.flags.writeable = writable
        back = through(view, layout=True)
        assert back.strides == view.strides
        assert back.flags.writeable == writable
        assert back.dtype == view.dtype
        np.testing.assert_array_equal(back, view)
        assert through(view).flags.c_contiguous
        np.testing.assert_array_equal(through(view), view)


def test_wide_gaps(rng):
    """Gaps that would take far more memory than the numbers become smaller; order and direction stay."""
    view = rng.normal(size=(10**6, 8)).T[::-5, ::50_000]
    back = through(view, layout=True)
    np.testing.assert_array_equal(back, view)
    view = rng.normal(size=(2000, 2000))[::-100, ::100]
    back = through(view, layout=True)
    np.testing.assert_array_equal(back, view)
    assert np.sign(back.strides).tolist() == [-1, 1]
    assert abs(back.strides[0]) > back.strides[1] > view.itemsize
    assert back.base.nbytes < 20 * view.nbytes


def test_layout_is_for_the_trusted():
    """A submission cannot say how an answer lies in memory."""
    text = b'["array", "<f8", [1], 0, true, [1000000000]]'
    with pytest.raises(wire.WireError, match="lies in memory"):
        wire.receive(frame(text, bytes(8)), lambda value: value)


def test_scalars():
    """A NumPy scalar keeps its precision."""
    for value in (np.float32(0.1), np.float64(0.1), np.int8(-3), np.bool_(True)):
        back = through(value)
        assert type(back) is type(value)
        assert back == value


def test_named_tuples():
    """A named tuple arrives as its name, fields and values, for the other side to make its own of."""
    assert through(Point(1.0, 2.0)) == wire.Named("Point", ("x", "y"), (1.0, 2.0))


def test_subclasses_are_plain():
    """A subclass of a plain type travels as that type, and none of its methods is asked."""

    class Liar(float):
        __eq__ = __repr__ = __str__ = __bool__ = None
        __hash__ = None

    class Shelf(list):
        __iter__ = __len__ = None

    assert through(Liar(2.5)) == 2.5
    assert through(Shelf([1, 2])) == [1, 2]
    assert type(through(np.arange(3).view(np.recarray))) is np.ndarray


@pytest.mark.parametrize("value", [object(), print, iter([]), np.array([object()]), np.ma.masked_array([1.0], [True])])
def test_what_is_not_plain_stays(value):
    """Whatever is not plain data stays on its side, and something stands for it."""
    assert through(value).kind == "handle"


def test_depth_has_a_limit():
    """A list that holds itself is refused, not followed."""
    endless = []
    endless.append(endless)
    with pytest.raises(wire.WireError, match="nested"):
        through(endless)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{", b"{}", b"[]", b'["pickle", 1]', b'["array", "|O", [1], 0]', b'["array", "<f8", [4], 0]'),
        *(b'["array", "<f8", [-1], 0]', b'["array", "<f8", [1], -8]', b'["array", "<f8", [9e9, 9e9], 0]', b'["array"]'),
        *(
            b'["array", 3, [1], 0]',
            b'["dict", [["list"], 1]]',
            b'["named", 1]',
            b"[" * 5000,
            b'["kept", "handle", "x", ""]',
        ),
        *(
            b"\xff\xfe",
            b'["array", "<f8", ["a"], 0]',
            b'["complex", "1", "2"]',
            b'["array", "<f8", [1], 1e9]',
            *(b"[[1]]", b'{"a": 1}', b"1 2", b'["array", "<f8", [true], 0]', b'["array", "<f8", [-1, -1], 0]'),
        ),
    ],
)
def test_forged_answers(text):
    """What is not a message is refused with one kind of error."""
    with pytest.raises((wire.WireError, EOFError)):
        wire.receive(frame(text), lambda value: value)


def test_announced_sizes():
    """A size that is announced and not sent takes no memory; one beyond the limit is refused at once."""
    with pytest.raises(EOFError):
        wire.receive(io.BytesIO(struct.pack("<QQ", 2**25, 2**29) + b"x"), lambda value: value)
    with pytest.raises(wire.WireError, match="too large"):
        wire.receive(io.BytesIO(struct.pack("<QQ", 2**60, 0)), lambda value: value)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
