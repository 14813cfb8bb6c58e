# candidate, par time, from the stub alone
import numpy as np


def precision_at_prevalence(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    true_calls = tpr * prevalence
    calls = true_calls + fpr * (1 - prevalence)
    return np.divide(true_calls, calls, out=np.ones_like(calls), where=calls > 0)


def prevalence_for_precision(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    # tpr * x * (1 - precision) >= precision * fpr * (1 - x), solved for x
    a = precision * fpr
    b = a + tpr * (1 - precision)
    return np.divide(a, b, out=np.zeros_like(b), where=b > 0)
