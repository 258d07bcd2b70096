"""Computes the analysis of a score when somebody looks at it, and remembers it by its numbers."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock

from assess.trends.analysis import Analysis, analyse
from assess.trends.observations import Observations
from research.study import Measure

REMEMBERED = 256
"""Analyses kept in memory: some thirty pages with all their blocks."""

_known: OrderedDict[bytes, Analysis] = OrderedDict()
_lock = Lock()


class Analyses(Mapping[str, Analysis]):
    """Analyses by measure key, each made when it is asked for."""

    def __init__(
        self, observations: Mapping[str, Observations], measures: Mapping[str, Measure]
    ) -> None:
        self._observations = observations
        self._measures = measures

    def __getitem__(self, key: str) -> Analysis:
        measure = self._measures[key]
        return remembered(self._observations[key], (measure.minimum, measure.maximum))

    def __iter__(self) -> Iterator[str]:
        return iter(self._observations)

    def __len__(self) -> int:
        return len(self._observations)


def remembered(observations: Observations, scale: tuple[float, float]) -> Analysis:
    """`analyse`, but equal numbers under equal names are analyzed once per process."""
    key = _digest(observations, scale)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = analyse(observations, scale)
    with _lock:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def _digest(observations: Observations, scale: tuple[float, float]) -> bytes:
    """Of everything an analysis depends on: values, names, organizations, groups and scale."""
    said = (
        observations.matrix.shape,
        observations.subjects,
        observations.times,
        observations.without_values,
        sorted((key, sorted(found)) for key, found in observations.orgs.items()),
        sorted((key, sorted(found)) for key, found in observations.groups.items()),
        scale,
    )
    digest = hashlib.sha256(repr(said).encode())
    digest.update(observations.matrix.tobytes())
    return digest.digest()
