"""The script that the researchers' guide prints runs as it stands there."""

from __future__ import annotations

import io
import re
import urllib.request

import pytest
from flask import Flask

import config
from core.db import db
from research.tokens import keeping
from tests.cast import Cast
from tests.integration.assess.program_scores import rows_of_case, store
from tests.pages import CheckingClient


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_python_of_the_guide_finds_the_numbers_of_the_page(
    app: Flask,
    cast: Cast,
    client: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
        _, token = keeping.make_token(person_id=cast.researcher, name="guide", days=1)
        db.session.commit()

    def answer(request: urllib.request.Request) -> io.BytesIO:
        path = request.full_url.removeprefix("http://blockwise.example.org")
        return io.BytesIO(client.get(path, headers=dict(request.header_items())).data)

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    monkeypatch.setenv("BLOCKWISE_URL", "http://blockwise.example.org")
    monkeypatch.setenv("BLOCKWISE_TOKEN", token)
    guide = (config.ROOT / "docs" / "researchers.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    exec(compile(found[1], "the guide", "exec"), {})  # noqa: S102 - our own page
    said = capsys.readouterr().out
    assert "2025Q1: mean 2.3" in said
    assert "F(5, 95) = 3.46, p_GG = 0.015" in said
