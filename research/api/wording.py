"""Turns what was found into what the API hands out. PURE."""

from __future__ import annotations

from questionnaires import catalog
from questionnaires.instrument import Block, Instrument
from research.api.resources import (
    BlockText,
    MilestoneText,
    QuestionnaireList,
    QuestionnaireText,
    ScaleLevel,
)


def questionnaires() -> QuestionnaireList:
    """Every published questionnaire, by name and then oldest version first."""
    found = (catalog.get(slug, version) for slug, version, _path in catalog.published())
    return QuestionnaireList(tuple(_questionnaire(one) for one in found))


def _questionnaire(instrument: Instrument) -> QuestionnaireText:
    return QuestionnaireText(
        id=instrument.slug,
        version=instrument.version,
        title=instrument.title,
        language=instrument.language,
        license=instrument.license.id,
        sha256=instrument.sha256,
        blocks=tuple(_block(one) for one in instrument.blocks),
    )


def _block(block: Block) -> BlockText:
    scale = block.scale
    return BlockText(
        id=block.id,
        title=block.title,
        levels=tuple(ScaleLevel(value, scale.label(value)) for value in scale.values()),
        milestones=tuple(
            MilestoneText(one.key, one.title, one.meaning) for one in block.milestones
        ),
    )
