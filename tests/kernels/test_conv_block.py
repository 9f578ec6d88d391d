"""The compiled block against XLA's own convolution and pooling."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jax import lax

from bital.errors import InvalidInput
from bital.kernels import library
from bital.kernels.conv_block import conv_block, reference

from .jaxprs import assert_close, operations

native = pytest.mark.skipif(bool(library.why_not()), reason=library.why_not() or "compiled")

WAYS = [(relu, pool) for relu in (False, True) for pool in (False, True)]


@pytest.fixture(params=["avx512", "avx2", "portable"])
def instructions(request: pytest.FixtureRequest) -> Iterator[str]:
    if library.why_not():
        pytest.skip(library.why_not())
    try:
        library.use(request.param)
    except InvalidInput:
        pytest.skip(f"this processor has no {request.param}")
    yield request.param
    library.use("")


def whole_numbers(*shapes: tuple[int, ...]) -> tuple[Any, ...]:
    """Small ones, so that sums are exact in any order, and equal ones meet in the pooling."""
    random = np.random.default_rng(0)
    return tuple(jnp.asarray(random.integers(-2, 3, shape), jnp.float32) for shape in shapes)


def arrays(x: tuple[int, ...], w: tuple[int, ...], seed: int = 0) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    filters = random.normal(size=w) / np.sqrt(np.prod(w[:3]))
    every = random.normal(size=x), filters, random.normal(size=w[3])
    return tuple(jnp.asarray(a, jnp.float32) for a in every)  # type: ignore[return-value]


def all_of(function: Callable[..., Any], *args: Any) -> tuple[Any, ...]:
    """The value, and the gradients of all arguments."""
    value, pull = jax.vjp(function, *args)
    cotangent = np.random.default_rng(9).integers(-2, 3, value.shape)
    return value, *pull(jnp.asarray(cotangent, value.dtype))


def assert_same(x: tuple[int, ...], w: tuple[int, ...], **how: Any) -> None:
    args = whole_numbers(x, w, w[3:])
    got = jax.jit(partial(all_of, partial(conv_block, **how)))(*args)
    want = jax.jit(partial(all_of, partial(reference, **how)))(*args)
    for a, b in zip(got, want, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_array_equal(a, b)


sizes = st.integers(1, 19)
channels = st.one_of(st.integers(1, 70), st.sampled_from([96, 128, 300]))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    images=st.integers(1, 5),
    height=sizes,
    width=sizes,
    c=channels,
    o=channels,
    kh=st.integers(1, 7),
    kw=st.integers(1, 7),
    padding=st.sampled_from(["same", "valid"]),
    way=st.sampled_from(WAYS),
)
@example(2, 3, 2, 4, 5, 7, 7, "same", (True, False))
@example(1, 40, 70, 1, 1, 3, 3, "same", (True, True))
@example(70, 4, 4, 3, 33, 3, 3, "same", (True, True))
@example(1, 30, 30, 300, 130, 1, 1, "valid", (False, False))
@example(3, 5, 5, 2, 2, 5, 5, "valid", (False, False))
def test_any_shape(
    images: int,
    height: int,
    width: int,
    c: int,
    o: int,
    kh: int,
    kw: int,
    padding: str,
    way: tuple[bool, bool],
) -> None:
    least = 2 if way[1] else 1
    if padding == "valid":
        height, width = height + kh - 1, width + kw - 1
    height, width = max(height, least), max(width, least)
    if way[1] and padding == "valid":
        height, width = height + 1, width + 1
    x, w = (images, height, width, c), (kh, kw, c, o)
    assert_same(x, w, padding=padding, relu=way[0], pool=way[1])


many = st.sampled_from([16, 32, 48, 64, 144])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    images=st.integers(1, 9),
    height=st.integers(4, 24),
    width=st.integers(4, 24),
    c=many,
    o=many,
    padding=st.sampled_from(["same", "valid"]),
    way=st.sampled_from(WAYS),
)
@example(1, 6, 6, 512, 528, "same", (True, True))
@example(40, 16, 16, 16, 32, "same", (True, False))
def test_tiles_of_two_by_two(
    images: int, height: int, width: int, c: int, o: int, padding: str, way: tuple[bool, bool]
) -> None:
    x, w = (images, height, width, c), (3, 3, c, o)
    assert_same(x, w, padding=padding, relu=way[0], pool=way[1])


@pytest.mark.parametrize("channels", [(100, 40), (128, 64)])
@pytest.mark.parametrize(("relu", "pool"), WAYS)
def test_rounding(relu: bool, pool: bool, channels: tuple[int, int]) -> None:
    args = arrays((4, 12, 12, channels[0]), (3, 3, *channels))
    how = {"padding": "same", "relu": relu, "pool": pool}
    got, want = (jax.jit(partial(f, **how))(*args) for f in (conv_block, reference))
    assert_close(got, want, 1e-5)
    x, w, b = args
    smooth = partial(all_of, partial(conv_block, padding="same"))
    for a, c in zip(
        smooth(x, w, b),
        all_of(partial(reference, **how | {"relu": False, "pool": False}), x, w, b),
        strict=True,
    ):
        assert_close(a, c, 1e-5)


@pytest.mark.parametrize(("relu", "pool"), WAYS)
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("x", "w"),
    [
        ((5, 28, 28, 1), (3, 3, 1, 32)),
        ((2, 9, 16, 3), (5, 5, 3, 40)),
        ((1, 31, 33, 40), (3, 2, 40, 17)),
        ((3, 8, 8, 64), (3, 3, 64, 5)),
        ((3, 9, 12, 16), (3, 3, 16, 80)),
        ((5, 7, 6, 48), (3, 3, 48, 32)),
    ],
)
def test_any_instructions(
    instructions: str, x: Any, w: Any, padding: str, relu: bool, pool: bool
) -> None:
    assert library.instructions() == instructions
    assert_same(x, w, padding=padding, relu=relu, pool=pool)


def test_without_bias() -> None:
    x, w, _ = arrays((2, 6, 6, 3), (3, 3, 3, 4))
    want = lax.conv_general_dilated(
        x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    assert_close(conv_block(x, w), want, 1e-5)


def test_nothing_in_nothing_out() -> None:
    for x in ((0, 8, 8, 3), (2, 0, 8, 3), (2, 2, 8, 3)):
        assert_same(x, (3, 3, 3, 4), padding="valid", relu=True, pool=True)


def test_other_dtypes_are_the_references() -> None:
    x, w, b = (a.astype(jnp.bfloat16) for a in arrays((2, 6, 6, 3), (3, 3, 3, 4)))
    got = conv_block(x, w, b, relu=True)
    assert got.dtype == jnp.bfloat16
    np.testing.assert_array_equal(got, reference(x, w, b, padding="valid", relu=True, pool=False))


def test_where_nothing_was_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_loaded", lambda: "no compiler")
    assert library.why_not() == "no compiler"
    args = arrays((2, 6, 6, 3), (3, 3, 3, 4))
    names = {eqn.primitive.name for eqn in operations(conv_block, *args)}
    assert "conv_general_dilated" in names
    assert "ffi_call" not in names


def targets(function: Callable[..., Any], *args: Any) -> list[str]:
    """The compiled kernels a function calls."""
    found = operations(function, *args)
    return [eqn.params["target_name"] for eqn in found if eqn.primitive.name == "ffi_call"]


@native
def test_only_what_is_asked_for_is_computed() -> None:
    x, w, b = arrays((2, 8, 8, 3), (3, 3, 3, 4))

    def loss(x: Any, w: Any, b: Any) -> Any:
        return conv_block(x, w, b, relu=True, pool=True).sum()

    assert targets(loss, x, w, b) == ["bital_conv_forward"]
    kept = "bital_conv_forward_kept"
    assert targets(jax.grad(loss, 0), x, w, b) == [kept, "bital_conv_input"]
    assert targets(jax.grad(loss, (1, 2)), x, w, b) == [kept, "bital_conv_weights"]
    assert targets(jax.grad(loss, 2), x, w, b) == [kept, "bital_conv_weights"]
    # Inside jit and a loop, too.
    step = jax.jit(lambda w: lax.scan(lambda w, _: (jax.grad(loss, 1)(x, w, b), ()), w, length=2))
    assert targets(step, w) == [kept, "bital_conv_weights"]


@native
def test_what_xla_is_faster_at_is_left_to_it() -> None:
    for x, w in (((4, 16, 16, 8), (3, 3, 8, 1)), ((1, 8, 8, 256), (3, 3, 256, 256))):
        assert targets(partial(conv_block, padding="same"), *arrays(x, w)) == []


@native
@pytest.mark.parametrize("axes", [(0, 0, 0), (None, 0, 0), (0, None, None), (2, 1, None)])
def test_replicas(axes: tuple[int | None, ...]) -> None:
    singles = [arrays((2, 7, 8, 3), (3, 3, 3, 5), seed) for seed in range(3)]
    args = tuple(
        each[0] if axis is None else jnp.stack(each, axis)
        for axis, each in zip(axes, zip(*singles, strict=True), strict=True)
    )
    how = {"padding": "same", "relu": True, "pool": True}
    got = jax.jit(jax.vmap(partial(all_of, partial(conv_block, **how)), axes))(*args)
    want = jax.vmap(partial(all_of, partial(reference, **how)), axes)(*args)
    for a, b in zip(got, want, strict=True):
        assert_close(a, b, 1e-5)
    mapped = jax.vmap(partial(conv_block, **how), axes)
    assert targets(mapped, *args) == ["bital_conv_forward"]


def test_replicas_of_replicas() -> None:
    x, w, b = arrays((2, 6, 6, 3), (3, 3, 3, 5))
    xs, ws = jnp.stack([x, 2 * x, -x]), jnp.stack([w, -w])
    outer = jax.vmap(jax.vmap(conv_block, (0, None, None)), (None, 0, None))
    got = outer(xs, ws, b)
    for i in range(2):
        for j in range(3):
            np.testing.assert_array_equal(got[i, j], conv_block(xs[j], ws[i], b))


def test_in_a_scan() -> None:
    x, w, b = arrays((2, 8, 8, 4), (3, 3, 4, 4))

    def loss(function: Callable[..., Any], w: Any) -> Any:
        def body(x: Any, _: Any) -> tuple[Any, Any]:
            return function(x, w, b, padding="same", relu=True, pool=False), x.sum()

        return lax.scan(body, x, length=3)[0].sum()

    got, want = (jax.jit(jax.grad(partial(loss, f)))(w) for f in (conv_block, reference))
    assert_close(got, want, 1e-5)


@pytest.mark.parametrize(("relu", "pool"), WAYS)
def test_second_derivatives(relu: bool, pool: bool) -> None:
    args = arrays((2, 6, 6, 3), (3, 3, 3, 4))

    def penalty(function: Callable[..., Any], *args: Any) -> Any:
        def loss(*args: Any) -> Any:
            return (function(*args, padding="same", relu=relu, pool=pool) ** 2).sum()

        return sum((g**2).sum() for g in jax.grad(loss, (0, 1, 2))(*args))

    got, want = (jax.grad(partial(penalty, f), (0, 1, 2))(*args) for f in (conv_block, reference))
    for a, b in zip(got, want, strict=True):
        assert_close(a, b, 1e-4)


@pytest.mark.parametrize(("relu", "pool"), WAYS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", [(0, 0, 0, 0), (0, 3, 4, 1), (1, 5, 5, 2)])
@pytest.mark.parametrize("channels", [(3, 4), (32, 16)])
def test_not_a_number_and_infinity(
    where: Any, value: float, relu: bool, pool: bool, channels: tuple[int, int]
) -> None:
    x, w, b = arrays((2, 6, 6, channels[0]), (3, 3, *channels))
    x = x.at[where].set(value)
    how = {"padding": "same", "relu": relu, "pool": pool}
    got, want = (
        all_of(partial(conv_block, **how), x, w, b),
        all_of(partial(reference, **how), x, w, b),
    )
    for a, c in zip(got, want, strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("pool", [False, True])
def test_large_values_overflow_no_sooner(pool: bool) -> None:
    x, w, b = arrays((2, 6, 6, 32), (3, 3, 32, 32))
    x, w = jnp.minimum(jnp.abs(x), 3) * 1e38, w * 1e-3

    def scaled(function: Callable[..., Any]) -> tuple[Any, ...]:
        value, pull = jax.vjp(partial(function, padding="same", relu=False, pool=pool), x, w, b)
        return value / 1e36, *(g / 1e36 for g in pull(jnp.full_like(value, 1e-3))[:2])

    for got, want in zip(scaled(conv_block), scaled(reference), strict=True):
        assert np.isfinite(want).all()
        assert_close(got, want, 1e-5)


@native
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("values", [(0.0, 1.0), (-1.0, 0.0, 1.0), (np.nan, -1.0, 1.0, 2.0)])
def test_of_equal_ones_the_gradient_chooses_as_xla(values: tuple[float, ...], relu: bool) -> None:
    random = np.random.default_rng(0)
    x = jnp.asarray(random.choice(values, (8, 12, 12, 1)), jnp.float32)
    w, b = jnp.ones((1, 1, 1, 20)), jnp.zeros(20)
    how = {"padding": "valid", "relu": relu, "pool": True}

    def chosen(function: Callable[..., Any]) -> Any:
        def outputs(shift: Any) -> Any:  # the gradient of every element before bias and ReLU
            return function(x + shift, w, b, **how)

        value, pull = jax.vjp(outputs, jnp.zeros_like(x))
        return value, pull(jnp.ones_like(value))[0]

    got, want = chosen(conv_block), chosen(reference)
    np.testing.assert_array_equal(got[1], want[1])
    # XLA loses some windows' NaN where it vectorizes; the block loses none.
    windows = np.asarray(x).reshape(8, 6, 2, 6, 2, 1).max(axis=(2, 4))
    windows = np.maximum(windows, 0) if relu else windows
    np.testing.assert_array_equal(got[0], np.broadcast_to(windows, got[0].shape))
    whole = ~np.isnan(got[0])
    np.testing.assert_array_equal(got[0][whole], want[0][whole])


@native
def test_same_bits_every_time() -> None:
    args = arrays((33, 16, 16, 32), (3, 3, 32, 48))
    function = jax.jit(partial(all_of, partial(conv_block, relu=True, pool=True)))
    first = function(*args)
    for _ in range(5):
        for a, b in zip(first, function(*args), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("x", "w", "b", "how", "says"),
    [
        ((1, 4, 4, 3), (3, 3, 2, 4), (4,), {}, "same channels; got 3 in x and 2 in w"),
        ((4, 4, 3), (3, 3, 3, 4), (4,), {}, "x must be"),
        ((1, 4, 4, 3), (3, 3, 4), (4,), {}, "x must be"),
        ((1, 4, 4, 3), (3, 3, 3, 4), (3,), {}, "one value a filter"),
        (
            (1, 4, 4, 3),
            (3, 3, 3, 4),
            (4,),
            {"padding": "full"},
            'padding must be "same" or "valid"',
        ),
    ],
)
def test_what_does_not_fit_is_said(x: Any, w: Any, b: Any, how: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        conv_block(*(jnp.zeros(shape) for shape in (x, w, b)), **how)
    with pytest.raises(InvalidInput, match="one dtype"):
        conv_block(jnp.zeros((1, 4, 4, 3)), jnp.zeros((3, 3, 3, 4), jnp.bfloat16))


OUT = jax.ShapeDtypeStruct((1, 2, 2, 4), jnp.float32)


@native
@pytest.mark.parametrize(
    ("shapes", "out", "top", "says"),
    [
        (((1, 4, 4, 3), (3, 3, 2, 4), (4,)), OUT, 0, "input channels"),
        (((1, 4, 4, 3), (3, 3, 3, 4), (5,)), OUT, 0, "bias"),
        (((1, 4, 4, 3), (3, 3, 3, 5), (5,)), OUT, 0, "channels"),
        (((2, 4, 4, 3), (3, 3, 3, 4), (4,)), OUT, 0, "images"),
        (((4, 4, 3), (3, 3, 3, 4), (4,)), OUT, 0, "too few axes"),
        (((1, 4, 4, 3), (3, 3, 3, 4), (4,)), OUT, 3, "padding"),
        (((1, 4, 4, 3), (0, 3, 3, 4), (4,)), OUT, 0, "filter is empty"),
        (
            ((1, 4, 4, 3), (3, 3, 3, 4), (4,)),
            jax.ShapeDtypeStruct((1, 9, 9, 4), "float32"),
            0,
            "larger",
        ),
        (((2, 1, 4, 4, 3), (3, 3, 3, 4), (4,)), OUT, 0, "axes of replicas"),
    ],
)
def test_the_kernel_looks_before_it_reads(shapes: Any, out: Any, top: int, says: str) -> None:
    call = jax.ffi.ffi_call("bital_conv_forward", out)
    with pytest.raises(jax.errors.JaxRuntimeError, match=says):
        call(*map(jnp.zeros, shapes), top=top, left=0, relu=False, pool=False).block_until_ready()


NO_MEMORY = """
import resource, jax, jax.numpy as jnp
from bital.kernels.conv_block import conv_block
x, w = jnp.ones((1, 16, 8, 2048)), jnp.ones((1, 1, 2048, 8192))
function = jax.jit(lambda x, w: conv_block(x, w))
function(x, w).block_until_ready()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, -1))
try:
    function(x, w).block_until_ready()
except ValueError as error:
    print("said:", error)
"""


@native
@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory")
def test_no_memory_is_an_error_not_a_crash() -> None:
    run = subprocess.run(
        [sys.executable, "-c", NO_MEMORY],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert "said:" in run.stdout, run.stderr
    assert "not enough memory" in run.stdout
