"""Interim: the fixtures with the submission imported directly (the process proxy takes its place)."""

import importlib.util
import zlib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
__all__ = ["kata", "pytest_addoption", "rng"]


def pytest_addoption(parser):
    parser.addoption("--solutions", action="store_true")
    parser.addoption("--seed", type=int)
    parser.addoption("--file", help="interim: grade this file")


@pytest.fixture
def kata(request):
    path = Path(str(request.path))
    folder = "solutions" if request.config.getoption("--solutions") else "exercises"
    file = request.config.getoption("--file") or ROOT / folder / path.parent.name / (path.stem.removeprefix("test_") + ".py")
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rng(request):
    seed = request.config.getoption("--seed")
    if seed is None:
        seed = int(np.random.SeedSequence().entropy % 2**32)
    print("seed", seed)
    return np.random.default_rng([seed, zlib.crc32(request.node.name.encode())])
