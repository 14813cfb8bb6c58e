"""Finds the one kata that a command is about."""

import argparse

from katagrad.katas.catalog import Catalog, Kata, UnknownNameError
from katagrad.terminal import command


def resolve_kata(options: argparse.Namespace, catalog: Catalog) -> Kata:
    """Return the kata that a command names.

    Raises
    ------
    UnknownNameError
        If no kata is named, or several are, with a command that names one.
    """
    katas = catalog.find(options.names) if options.names else ()
    if len(katas) != 1:
        raise UnknownNameError(f"Name one kata: {command(options.command, catalog.katas[0].name)}")
    return katas[0]
