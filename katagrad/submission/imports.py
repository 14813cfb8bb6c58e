"""What a submission may import: NumPy and the standard library. Anything else gets a sentence.

The file can find this module, through `sys.meta_path`: nothing that it names leads to what answers for the file.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

ORACLES = {
    "sklearn": "scikit-learn",
    "scipy": "SciPy",
    "statsmodels": "statsmodels",
    "xgboost": "XGBoost",
    "torch": "PyTorch",
    "pandas": "pandas",
}
OURS = {"solutions", "tests", "katagrad", "exercises"}


def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG001
    """Find nothing; object to what a kata does without."""
    top = name.split(".", maxsplit=1)[0]
    if top == "numpy" or top in sys.stdlib_module_names:
        return None
    if top in OURS:
        raise ModuleNotFoundError(
            f"{top} is closed to a submission: graders and solutions are not for importing.", name=name
        )
    if top in ORACLES:
        raise ModuleNotFoundError(f"{ORACLES[top]} is not at hand: the kata is to do without it, in NumPy.", name=name)
    raise ModuleNotFoundError(f"No module named {top!r} here: only NumPy and the standard library.", name=name)
