"""torch's own loader gives the steps in order, with any workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.stage_run import Taken, write_run

torch = pytest.importorskip("torch")
loader = pytest.importorskip("gamayun_data.loader")
torch_adapter = pytest.importorskip("gamayun_data.loader.torch_adapter")


@pytest.mark.parametrize(("method", "workers"), [(None, 0), ("fork", 2), ("spawn", 1)])
def test_steps_come_in_order(tmp_path: Path, method: str | None, workers: int) -> None:
    run = write_run(tmp_path, {"en-web": [9] * 50}, [Taken("s", 16, {"en-web": 101})])
    mine = loader.TokenLoader(loader.TokenDataset(run, overlap=1), 2, rank=1, world_size=3)
    settings: dict[str, Any] = {"num_workers": workers, "multiprocessing_context": method}
    steps = torch_adapter.TorchSteps(mine)
    found = list(torch.utils.data.DataLoader(steps, batch_size=None, **settings))
    assert len(found) == len(mine) == 17
    for item, batch in zip(found, mine, strict=True):
        assert item["tokens"].dtype == torch.int64
        assert item["tokens"].tolist() == batch.tokens.tolist()
        assert item["positions"].tolist() == batch.positions().tolist()
