"""What the tests of the trends page rest on: assumptions, who is left out, what to mind."""

from __future__ import annotations

from collections.abc import Iterator

from assess.trends import apa
from assess.trends.analysis import Analysis
from assess.trends.anova import Status
from assess.trends.warnings import Code, Warning, questionnaire_changed
from research.selection import Clock, Method
from research.study import Study, VersionBreak, time_label
from research.words import count
from research.workspace.parts import LeftOut, Statement


def warnings(study: Study) -> tuple[Warning, ...]:
    """Warnings of the analysis and of what stands behind its scores."""
    found = study.analysis.warnings if len(study.times) > 1 else ()
    if study.selection.simple:
        # the simple view has no test beside it
        beside, elsewhere = "beside it", "among all statistics"
        found = tuple(Warning(one.code, one.text.replace(beside, elsewhere)) for one in found)
    return (*found, *(changed(one) for one in study.breaks))


def changed(one: VersionBreak) -> Warning:
    """That the questions changed, and how many assessments that costs."""
    warning = questionnaire_changed(time_label(one.time))
    if not one.left_out:
        text = (
            f"The questions were reworded in {time_label(one.time)}. They ask for the same, so the "
            "scores are compared."
        )
    else:
        text = (
            f"{warning.text} {count(one.left_out, 'assessment')} with version {one.version} "
            f"{'is' if one.left_out == 1 else 'are'} not comparable and left out."
        )
    return Warning(Code.QUESTIONNAIRE_CHANGED, text)


def assumptions(study: Study) -> tuple[Statement, ...]:
    """What has to hold for the test, with what was found; nothing where there is no test."""
    if len(study.times) == 1 or len(study.clinics) == 1:
        return ()
    return tuple(_assumptions(study.analysis, study))


def _assumptions(analysis: Analysis, study: Study) -> Iterator[Statement]:
    line = apa.sphericity(analysis.rm_anova)
    if line is not None:
        yield Statement(
            "Sphericity",
            "All quarters vary together about alike. The corrected p does not need it.",
            line,
        )
    if analysis.friedman.status is Status.OK:
        yield Statement(
            "Without assuming a normal distribution",
            "Friedman test: the same question, asked of ranks.",
            apa.friedman(analysis.friedman),
        )
    low, high = study.measure.minimum, study.measure.maximum
    if not any(one.code is Code.FLOOR_OR_CEILING for one in analysis.warnings):
        yield Statement(
            "Room to move",
            f"Few scores stand at an end of the scale ({low:g} or {high:g}).",
            "No floor or ceiling found: at most 15% of the scores stand at one end.",
        )


def complete(study: Study) -> str | None:
    """How many clinics the test can follow; None where there is nothing to follow."""
    if len(study.times) == 1 or len(study.clinics) == 1:
        return None
    table = study.observations[study.measure.key].complete
    used, every = len(table.subjects), len(table.subjects) + len(table.left_out)
    if study.selection.method is Method.MIXED:
        return (
            f"The mixed model uses every score of {count(every, 'clinic')}. The tests beside it "
            f"follow clinics with a score in every quarter shown: {used} of {every}."
        )
    text = f"Only clinics with a score in every quarter shown can be followed: {used} of {every}."
    return text if table.left_out else f"{text} No clinic is left out."


def left_out(study: Study) -> tuple[LeftOut, ...]:
    """The clinics that the complete-case rule leaves out, in the order of their names."""
    where = "at" if study.selection.clock is Clock.WAVE else "in"
    names = {str(one): time_label(one).replace("Baseline", "baseline") for one in study.times}
    return tuple(
        LeftOut(one.subject, f"{where} {', '.join(names[str(time)] for time in one.missing)}")
        for one in study.observations[study.measure.key].complete.left_out
    )


def organizations(study: Study) -> Statement | None:
    """The test with one row per organization, when clinics share organizations."""
    found = study.analysis.organizations
    if found is None or len(study.times) < 2:
        return None
    if found.n_organizations == 1:
        return None  # its warning says that there is no other to test against
    line = apa.repeated_measures(found.rm_anova).replace("clinic", "organization")
    return Statement(
        "Following organizations instead of clinics",
        f"The same test on the means of {count(found.n_organizations, 'organization')}: clinics "
        "of one organization often move together.",
        line,
        (apa.linear_trend(found.linear_trend, study.observations[study.measure.key].times),),
    )
