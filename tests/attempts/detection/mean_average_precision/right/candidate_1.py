# candidate, par time, from the stub alone
import numpy as np


def _iou(a, b):
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.prod(np.maximum(bottom_right - top_left, 0), axis=2)
    area_a = np.prod(a[:, 2:] - a[:, :2], axis=1)
    area_b = np.prod(b[:, 2:] - b[:, :2], axis=1)
    return inter / (area_a[:, None] + area_b[None, :] - inter)


def match_detections(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    matches = np.full(len(boxes), -1)
    if len(boxes) == 0 or len(true_boxes) == 0:
        return matches
    iou = _iou(boxes, true_boxes)
    for i in np.argsort(-scores, kind="stable"):
        j = np.argmax(iou[i])
        if iou[i, j] >= iou_threshold:
            matches[i] = j
            iou[:, j] = -1  # taken
    return matches


def average_precision(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    if len(scores) == 0:
        return 0.0
    order = np.argsort(-scores)
    scores = scores[order]
    tp = np.cumsum(is_true_positive[order])
    last = np.append(scores[1:] != scores[:-1], True)

    precision = (tp / np.arange(1, len(scores) + 1))[last]
    recall = tp[last] / n_true
    # largest precision at this recall or beyond
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def mean_average_precision(
    preds: list[dict[str, np.ndarray]], target: list[dict[str, np.ndarray]], iou_threshold: float = 0.5
) -> float:
    classes = set()
    for t in target:
        classes.update(t["labels"].tolist())
    if not classes:
        raise ValueError("no ground truth")

    aps = []
    for c in classes:
        scores, hits, n_true = [], [], 0
        for p, t in zip(preds, target):
            p_mask = p["labels"] == c
            t_mask = t["labels"] == c
            s = p["scores"][p_mask]
            matches = match_detections(p["boxes"][p_mask], s, t["boxes"][t_mask], iou_threshold)
            scores.append(s)
            hits.append(matches >= 0)
            n_true += t_mask.sum()
        aps.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))
    return float(np.mean(aps))
