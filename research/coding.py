"""A study as it may leave the program: codes instead of names, whoever asks. PURE + numpy.

Selecting happens before, with all that the viewer may see; afterwards everything that is handed
out names clinics by study code and organizations by number, and says of clinics what files may say
(research.suppressing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assess.trends.observations import Observations
from research.analyses import Analyses
from research.assembling import group_of
from research.bundle.anonymity import WITHHELD
from research.study import StudiedClinic, Study


def coded(study: Study) -> Study:
    """The same study under codes; its statistics are those of the page."""
    clinics = tuple(sorted(_coded_clinics(study.clinics), key=lambda one: (one.code, one.id)))
    codes = {clinic.label: clinic.code for clinic in study.clinics}
    by_code = {clinic.code: clinic for clinic in clinics}
    group = study.selection.group
    observations = {
        key: _renamed(one, codes, by_code, group) for key, one in study.observations.items()
    }
    return replace(
        study,
        clinics=clinics,
        observations=observations,
        analyses=Analyses(observations, {one.key: one for one in study.measures}),
    )


def _coded_clinics(clinics: Sequence[StudiedClinic]) -> list[StudiedClinic]:
    return [
        replace(
            one,
            label=one.code,
            organization=f"Organization {one.organization_code}",
            attributes={
                name: None if value == WITHHELD else value for name, value in one.coded.items()
            },
            is_named=False,
        )
        for one in clinics
    ]


def _renamed(
    found: Observations,
    codes: Mapping[str, str],
    clinics: Mapping[str, StudiedClinic],
    group: str | None,
) -> Observations:
    subjects = [codes[name] for name in found.subjects]
    kept = [clinics[code] for code in subjects]
    return Observations.from_matrix(
        found.matrix,
        subjects,
        found.times,
        orgs=[clinic.organization_code for clinic in kept],
        groups=[group_of(clinic, group) for clinic in kept] if group else None,
    )
