"""How long judging 100,000 cases takes beside the same metrics of scikit-learn alone; and judging 1,000 again."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

from benchmarks.figures import Figure, bounded

CASES, FEW, TIMES = 100_000, 1_000, 5
BOUND, BOUND_S = 3.0, 0.2
CLASSES = ("benign", "malignant")
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def measure_judging(tell: Callable[[str], None] = print) -> dict[str, Figure]:
    """Judge, and compute with scikit-learn, in turn; scikit-learn is given numbers, which it is fastest with."""
    given, few = _tables(CASES), _tables(FEW)
    ours, theirs, again = [], [], []
    _judge(few)
    _metrics(few)
    for turn in range(1, TIMES + 1):
        ours.append(_seconds(lambda: _judge(given)))
        theirs.append(_seconds(lambda: _metrics(given)))
        again.append(_seconds(lambda: _judge(few)))
        tell(f"turn {turn}: judged in {ours[-1]:.3f} s, scikit-learn alone {theirs[-1]:.3f} s")
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    note = (
        f"{CASES:,} cases judged whole, by the same rates, AUROC, Brier score and calibration curve of"
        f" scikit-learn on arrays; median ratio of {TIMES} turns, medians {median(ours):.3f} s by"
        f" {median(theirs):.3f} s"
    )
    return {
        "judge_100k_vs_sklearn": bounded(ratio, "times", note, BOUND),
        "judge_again_1000_s": bounded(
            median(again), "s", f"{FEW:,} cases judged again after a word on the page", BOUND_S
        ),
    }


def _tables(n: int) -> Tables:
    rng = np.random.default_rng(1995)
    score = rng.random(n)
    truth = rng.random(n) < np.where(score < 0.5, 0.03, 0.96)
    ids = pd.Series([f"{place:016x}" for place in range(n)], dtype="str")
    names = np.array(CLASSES)
    inputs = pd.DataFrame(
        {
            "case_id": ids,
            "row": np.arange(2, n + 2),
            "specimen": ids,
            "mean_texture": rng.uniform(5, 60, n),
            "worst_area": rng.uniform(100, 6000, n),
            "worst_smoothness": rng.uniform(0.02, 0.4, n),
        }
    )
    answers = pd.DataFrame(
        {"case_id": ids, "answer": pd.Series(names[truth.astype(int)], dtype="str")}
    )
    said = pd.Series(names[(score >= 0.5).astype(int)], dtype="str")
    return inputs, answers, pd.DataFrame({"case_id": ids, "prediction": said, "score": score})


def _judge(given: Tables) -> None:
    from capsule_flows.judging import judge
    from tumor_malignancy.declaration import capsule

    judge(*given, capsule.manifest)


def _metrics(given: Tables) -> None:
    from sklearn import metrics
    from sklearn.calibration import calibration_curve

    truth = (given[1]["answer"] == CLASSES[1]).to_numpy(int)
    said = (given[2]["prediction"] == CLASSES[1]).to_numpy(int)
    score = given[2]["score"].to_numpy()
    metrics.accuracy_score(truth, said)
    metrics.confusion_matrix(truth, said)
    for positive in (1, 0):
        metrics.recall_score(truth, said, pos_label=positive)
        metrics.precision_score(truth, said, pos_label=positive)
    metrics.roc_auc_score(truth, score)
    metrics.brier_score_loss(truth, score)
    calibration_curve(truth, score, n_bins=10)


def _seconds(do: Callable[[], None]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start
