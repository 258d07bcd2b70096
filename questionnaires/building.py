"""Turns a checked questionnaire into its frozen values; trusts the checks and adds none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from questionnaires.instrument import (
    Band,
    Block,
    Challenge,
    Instrument,
    License,
    Milestone,
    MilestoneChange,
    Resource,
    Scale,
    Scoring,
    VersionChange,
)


def build(document: Mapping[str, Any], *, text: str) -> Instrument:
    """Build the instrument of a document that passed `checking.check`; `text` is its source."""
    scales = {name: _scale(name, part) for name, part in document["scales"].items()}
    resources = {
        name: Resource(id=name, **_texts(part)) for name, part in document["resources"].items()
    }
    return Instrument(
        slug=document["id"],
        version=document["version"],
        title=document["title"].strip(),
        language=document["language"],
        summary=document["summary"].strip(),
        help=document["help"].strip(),
        license=License(**_texts(document["license"])),
        sources=_lines(document["sources"]),
        scales=MappingProxyType(scales),
        scoring=Scoring(**document["scoring"]),
        blocks=_blocks(document["blocks"], scales, resources),
        resources=MappingProxyType(resources),
        history=tuple(_change(part) for part in document["history"]),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        document=text,
    )


def _scale(name: str, part: Mapping[str, Any]) -> Scale:
    return Scale(
        id=name,
        minimum=int(part["minimum"]),
        maximum=int(part["maximum"]),
        bands=tuple(
            Band(int(b["level"]), int(b["low"]), int(b["high"]), b["label"].strip())
            for b in part["bands"]
        ),
        met=int(part["met"]),
        under_way=float(part["status"]["under_way"]),
        strong=float(part["status"]["strong"]),
    )


def _blocks(
    parts: list[dict[str, Any]], scales: Mapping[str, Scale], resources: Mapping[str, Resource]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    before = 0
    for number, part in enumerate(parts, start=1):
        milestones = tuple(
            _milestone(item, before + at, scales, resources)
            for at, item in enumerate(part["milestones"], start=1)
        )
        before += len(milestones)
        blocks.append(
            Block(
                id=part["id"],
                number=number,
                title=part["title"].strip(),
                why=part["why"].strip(),
                milestones=milestones,
                challenges=tuple(
                    Challenge(c["key"], c["title"].strip(), _lines(c["approaches"]))
                    for c in part["challenges"]
                ),
            )
        )
    return tuple(blocks)


def _milestone(
    part: Mapping[str, Any],
    number: int,
    scales: Mapping[str, Scale],
    resources: Mapping[str, Resource],
) -> Milestone:
    levels = {int(level): text.strip() for level, text in part["levels"].items()}
    return Milestone(
        key=part["key"],
        number=number,
        title=part["title"].strip(),
        meaning=part["meaning"].strip(),
        scale=scales[part["scale"]],
        levels=MappingProxyType(dict(sorted(levels.items()))),
        na_allowed=part["not_applicable"]["allowed"],
        na_reason=_optional(part["not_applicable"].get("reason")),
        evidence=_optional(part.get("evidence")),
        tips=_lines(part["tips"]),
        resources=tuple(resources[name] for name in part["resources"]),
        currency=_optional(part.get("currency")),
    )


def _change(part: Mapping[str, Any]) -> VersionChange:
    return VersionChange(
        from_version=part["from"],
        changes=tuple(
            MilestoneChange(c.get("old"), tuple(c["new"]), c["relation"], c["comparable"])
            for c in part["map"]
        ),
    )


def _optional(text: str | None) -> str | None:
    return None if text is None else text.strip()


def _lines(texts: list[str]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts)


def _texts(part: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in part.items()}
