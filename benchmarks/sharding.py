"""A linear head and its loss split over devices: what each holds, computes and sends in a step.

    KERAS_BACKEND=jax python -m benchmarks.sharding
    KERAS_BACKEND=jax python -m benchmarks.sharding --mesh 1x1 2x2 --forms fused --collectives
    KERAS_BACKEND=jax python -m benchmarks.sharding --mesh 128x8 --texts 1024 --length 4096 \\
        --width 4096 --vocabulary 262144 --forms fused --chunk 1024

A mesh `BxM` splits the texts over B groups of devices, and the vocabulary over the M devices of a group. JAX
compiles value and gradient for so many devices of the CPU and runs nothing, so the numbers are the same on
every run. Temporaries are those of one device. Work is what all devices multiply, as a multiple of what one
alone would with logits that are kept, `6 * tokens * width * vocabulary`. What a device sends is counted from
the compiled program: the collectives, times the trips of the loops they stand in, as a ring does them.
"""

import argparse
import dataclasses
import math
import os
import re
import sys
from collections import defaultdict

import keras

import kerasloss

FORMS = ("plain", "fused")
SIZES = {"pred": 1, "s8": 1, "u8": 1, "bf16": 2, "f16": 2, "f64": 8, "s64": 8, "u64": 8}


def main():
    """Prints a table, and the collectives if asked."""
    if keras.backend.backend() != "jax":
        sys.exit("Sharding is that of JAX: set KERAS_BACKEND=jax.")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mesh", nargs="+", default=["1x1", "4x1", "2x2", "1x4"])
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--texts", type=int, default=8)
    parser.add_argument("--length", type=int, default=512, help="tokens of a text")
    parser.add_argument("--width", type=int, default=1024, help="length of a hidden state")
    parser.add_argument("--vocabulary", type=int, default=32768)
    parser.add_argument("--chunk", type=int, help="chunk_size of LinearCrossentropy; else the default")
    parser.add_argument("--collectives", action="store_true", help="list them")
    options = parser.parse_args()
    meshes = [tuple(map(int, mesh.split("x"))) for mesh in options.mesh]
    count = max(map(math.prod, meshes))
    # JAX reads it when it makes its first array.
    os.environ["XLA_FLAGS"] = (
        f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={count}"
    )
    problem = Problem(options.texts, options.length, options.width, options.vocabulary, options.chunk)
    print(f"{problem.tokens} x {problem.width} times {problem.width} x {problem.vocabulary}, float32")
    print(f"{'mesh':<8} {'form':<10} {'temporaries':>14} {'work':>6} {'sent':>12} {'collectives':>12}")
    for mesh in meshes:
        for form in options.forms:
            found = measure(problem, form, mesh)
            name, work = "x".join(map(str, mesh)), found.products * math.prod(mesh) / problem.products
            print(
                f"{name:<8} {form:<10} {found.temporaries / 1e6:11.0f} MB {work:6.2f} "
                f"{found.sent / 1e6:9.1f} MB {sum(one.times for one in found.collectives):12}",
                flush=True,
            )
            if options.collectives:
                for one in sorted(found.collectives, key=lambda c: -c.sent):
                    print(f"    {one}")


@dataclasses.dataclass(frozen=True)
class Problem:
    """The sizes of a head and its batch."""

    texts: int
    length: int
    width: int
    vocabulary: int
    chunk: int | None = None

    @property
    def tokens(self):
        """Rows of the product."""
        return self.texts * self.length

    @property
    def products(self):
        """Floating-point operations of the three products of a step: logits, and the two gradients."""
        return 6 * self.tokens * self.width * self.vocabulary


@dataclasses.dataclass
class Found:
    """What the program of one device takes in a step."""

    temporaries: int
    products: int
    collectives: list

    @property
    def sent(self):
        """Bytes that a device sends."""
        return sum(one.sent for one in self.collectives)


@dataclasses.dataclass
class Collective:
    """One kind of exchange: a result of so many bytes, so often, among so many devices."""

    kind: str
    shapes: str
    bytes: int
    devices: int
    times: int

    @property
    def sent(self):
        """Bytes that a device sends, in a ring."""
        share = (self.devices - 1) / self.devices
        factor = {
            "all-reduce": 2 * share,
            "reduce-scatter": self.devices - 1,  # its result is a part
            "collective-permute": 1,
        }.get(self.kind, share)
        return self.times * self.bytes * factor

    def __str__(self):
        what = f"{self.kind:<18} {self.times:5} times {self.shapes} among {self.devices}"
        return f"{what}: {self.sent / 1e6:.2f} MB"


def measure(problem, form, mesh):
    """Compiles value and gradients of a form on a mesh."""
    import jax

    devices = keras.distribution.list_devices()[: math.prod(mesh)]
    mesh = keras.distribution.DeviceMesh(mesh, ("batch", "model"), devices)
    spec, shape = jax.sharding.PartitionSpec, (problem.texts, problem.length)

    def placed(shape, *axes, dtype="float32"):
        sharding = jax.sharding.NamedSharding(mesh.backend_mesh, spec(*axes))
        return jax.ShapeDtypeStruct(shape, dtype, sharding=sharding)

    inputs = (
        placed(shape, "batch", dtype="int32"),
        placed((*shape, problem.width), "batch"),
        placed((problem.width, problem.vocabulary), None, "model"),
    )
    function = loss(form, problem.chunk)
    gradients = tuple(x.sharding for x in inputs[1:])
    step = jax.jit(jax.value_and_grad(function, argnums=(1, 2)), out_shardings=(None, gradients))
    layout = keras.distribution.LayoutMap(mesh)
    with keras.distribution.ModelParallel(layout_map=layout, batch_dim_name="batch").scope():
        return found_in(step.lower(*inputs).compile())


def found_in(compiled):
    """What a compiled program takes."""
    program = Program(compiled.as_text())
    return Found(compiled.memory_analysis().temp_size_in_bytes, program.products(), program.collectives())


def loss(form, chunk):
    """A function of `(ids, hidden, kernel)`."""
    if form == "plain":
        plain = kerasloss.CausalLMCrossentropy()
        return lambda ids, hidden, kernel: plain(ids, hidden @ kernel)
    fused = kerasloss.LinearCrossentropy(chunk_size=chunk)
    return lambda ids, hidden, kernel: fused(ids, (hidden, kernel))


# The compiled program -----------------------------------------------------------------------------


@dataclasses.dataclass
class Instruction:
    """A line of a computation."""

    name: str
    shapes: str
    operation: str
    operands: list
    rest: str


class Program:
    """The text of a compiled program of XLA, as far as products and collectives go."""

    LINE = re.compile(r"\s*(?:ROOT )?%([\w.-]+) = (\([^=]*?\)|\S+) ([\w-]+)\((.*)")
    CALLED = re.compile(r"(?:calls|to_apply|body|condition)=%([\w.-]+)")
    COLLECTIVES = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")

    def __init__(self, text):
        self.computations, self.entry = {}, None
        for line in re.sub(r"/\*.*?\*/", "", text).splitlines():
            if head := re.match(r"(ENTRY )?%([\w.-]+) \(.*\{$", line):
                lines = self.computations[head[2]] = {}
                self.entry = head[2] if head[1] else self.entry
            elif found := self.LINE.match(line):
                lines = self.computations[next(reversed(self.computations))]
                operands = re.findall(r"%([\w.-]+)", found[4].partition("), ")[0])
                lines[found[1]] = Instruction(found[1], found[2], found[3], operands, found[4])
        self.times = defaultdict(int)
        self._count(self.entry, 1)

    def _count(self, name, times):
        """How often a computation runs in a step."""
        self.times[name] += times
        for one in self.computations[name].values():
            trips = 1
            if one.operation == "while":
                trips = int(re.search(r'"known_trip_count":\{"n":"(\d+)"', one.rest)[1])
            for called in self.CALLED.findall(one.rest):
                self._count(called, times * trips)

    def instructions(self):
        """`(computation, instruction, times)` of all."""
        for name, times in self.times.items():
            for one in self.computations[name].values():
                yield self.computations[name], one, times

    def products(self):
        """Floating-point operations of all matrix products."""
        total = 0
        for computation, one, times in self.instructions():
            if one.operation == "dot":
                left = lengths(computation[one.operands[0]].shapes)
                axes = re.search(r"lhs_contracting_dims=\{([\d,]*)\}", one.rest)[1]
                inner = math.prod(left[int(axis)] for axis in axes.split(",") if axis)
                total += times * 2 * inner * math.prod(lengths(one.shapes))
        return total

    def collectives(self):
        """All exchanges, equal ones together."""
        found = defaultdict(int)
        for _, one, times in self.instructions():
            kind = one.operation.removesuffix("-start")
            if kind in self.COLLECTIVES:
                shapes = re.sub(r"\{[^}]*\}", "", one.shapes)
                found[kind, shapes, group(one.rest)] += times
        return [
            Collective(kind, shapes, size(shapes), devices, times)
            for (kind, shapes, devices), times in found.items()
        ]


def lengths(shapes):
    """Those of one array: `f32[128,4]{1,0}` -> [128, 4]."""
    return [int(n) for n in re.search(r"\[([\d,]*)\]", shapes)[1].split(",") if n]


def size(shapes):
    """Bytes of one array or a tuple of them."""
    arrays = re.findall(r"(\w+)\[([\d,]*)\]", shapes)
    return sum(SIZES.get(dtype, 4) * math.prod(lengths(f"[{axes}]")) for dtype, axes in arrays)


def group(rest):
    """How many devices exchange with each other; the text of their groups has several forms."""
    if found := re.search(r"replica_groups=mesh\[([^\]]*)\].*?\{([^}]*)\}", rest):
        named = dict(re.findall(r"'(\w+)'=(\d+)", found[1]))
        return math.prod(int(named[axis]) for axis in re.findall(r"'(\w+)'", found[2]))
    if found := re.search(r"replica_groups=\[\d+,(\d+)\]<=", rest):
        return int(found[1])
    if found := re.search(r"replica_groups=\{\{([\d,]*)\}", rest):
        return found[1].count(",") + 1
    return 2  # a permutation: pairs


if __name__ == "__main__":
    main()
