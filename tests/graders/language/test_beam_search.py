import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True

# Token 2 ends a text. After the prompt 7, greedy decoding goes to 0, where nothing likely follows.
EOS = 2
TRAP = {(7,): [0.5, 0.375, 0.125], (7, 0): [0.5, 0.25, 0.25], (7, 1): [0.0625, 0.0625, 0.875]}


def model_of(probs):
    """Return a model that knows the distributions after a few texts, and after any other ends at once."""
    vocab_size = len(next(iter(probs.values())))
    end = [float(token == EOS) for token in range(vocab_size)]

    def next_logprobs(tokens):
        with np.errstate(divide="ignore"):
            return np.log(np.array(probs.get(tuple(int(token) for token in tokens), end)))

    return next_logprobs


def random_model(seed, vocab_size, eos=0, end=0.0):
    """Return a model whose distribution depends on the whole text; `end` makes eos more likely or less."""

    def next_logprobs(tokens):
        text = [int(token) for token in tokens]
        logits = 1.5 * np.random.default_rng([seed, len(text), *text]).normal(size=vocab_size)
        logits[eos] += end
        return logits - np.log(np.exp(logits).sum())

    return next_logprobs


def logprob_of(model, prompt, tokens):
    return sum(float(model([*prompt, *tokens[:i]])[token]) for i, token in enumerate(tokens))


def greedy(model, prompt, max_new, eos):
    tokens = []
    while len(tokens) < max_new and tokens[-1:] != [eos]:
        logprobs = list(model([*prompt, *tokens]))
        tokens.append(logprobs.index(max(logprobs)))
    return tokens, logprob_of(model, prompt, tokens)


def ranked(texts, score):
    return sorted(texts, key=lambda tokens: (-score[tuple(tokens)], tokens))


def searched(model, prompt, max_new, eos, width, length_penalty=0.0):
    """Search as the statement says, with the logprob of each text added up anew."""
    beam, found, scores = [[]], [], {}
    for _ in range(max_new):
        candidates, totals = [], {}
        for tokens in beam:
            for token in range(len(model(prompt))):
                candidates.append([*tokens, token])
                totals[(*tokens, token)] = logprob_of(model, prompt, [*tokens, token])
        kept = ranked(candidates, totals)[:width]
        scores.update({text: total / len(text) ** length_penalty for text, total in totals.items()})
        found += [tokens for tokens in kept if tokens[-1] == eos]
        beam = [tokens for tokens in kept if tokens[-1] != eos]
    best = ranked(found + beam, scores)[0]
    return best, scores[tuple(best)]


def best_of_all(model, prompt, max_new, eos, vocab_size, length_penalty=0.0):
    """Try every text."""
    texts, open_texts = [], [[]]
    for n in range(1, max_new + 1):
        longer = [[*tokens, token] for tokens in open_texts for token in range(vocab_size)]
        texts += [tokens for tokens in longer if tokens[-1] == eos or n == max_new]
        open_texts = [tokens for tokens in longer if tokens[-1] != eos]
    scores = {tuple(text): logprob_of(model, prompt, text) / len(text) ** length_penalty for text in texts}
    best = ranked(texts, scores)[0]
    return best, scores[tuple(best)]


def check(found, expected):
    assert_equal(list(found.tokens), expected[0])
    assert_close(found.score, expected[1])


def test_greedy(kata, rng):
    """Greedy decoding takes the likeliest token after the prompt and all tokens so far; its score is the logprob."""
    check(kata.greedy_decode(model_of(TRAP), [7], 2, EOS), ([0, 0], math.log(0.25)))
    check(kata.greedy_decode(model_of(TRAP), [7, 1], 5, EOS), ([2], math.log(0.875)))
    for prompt in ([3], [1, 3, 2], [4, 4, 4, 1, 3]):
        model = random_model(int(rng.integers(10**6)), 5, eos=1, end=-9.0)
        check(kata.greedy_decode(model, prompt, 7, 1), greedy(model, prompt, 7, 1))


def test_greedy_ends(kata, rng):
    """Greedy decoding ends with eos, which is part of the text, or after max_new tokens; a prompt may contain eos."""
    chain = {(7,): [0.25, 0.75, 0.0], (7, 1): [0.625, 0.125, 0.25], (7, 1, 0): [0.25, 0.25, 0.5]}
    model = model_of(chain)
    check(kata.greedy_decode(model, [7], 9, EOS), ([1, 0, 2], math.log(0.75 * 0.625 * 0.5)))
    check(kata.greedy_decode(model, [7], 3, EOS), ([1, 0, 2], math.log(0.75 * 0.625 * 0.5)))
    check(kata.greedy_decode(model, [7], 2, EOS), ([1, 0], math.log(0.75 * 0.625)))
    check(kata.greedy_decode(model, [7], 1, EOS), ([1], math.log(0.75)))
    for _ in range(4):
        model = random_model(int(rng.integers(10**6)), 4, eos=3, end=0.5)
        check(kata.greedy_decode(model, [3, 0, 3], 8, 3), greedy(model, [3, 0, 3], 8, 3))
    # On a tie the lowest id is taken.
    check(kata.greedy_decode(model_of({(7,): [0.25, 0.375, 0.375]}), [7], 1, EOS), ([1], math.log(0.375)))
    check(kata.greedy_decode(model_of({(5, 6): [0.5, 0.0, 0.5]}), [5, 6], 1, EOS), ([0], math.log(0.5)))


def test_beam(kata, rng):
    """Of the candidates of all hypotheses together, the width with the largest logprob are kept."""
    check(kata.beam_search(model_of(TRAP), [7], 2, EOS, 2), ([1, 2], math.log(0.375 * 0.875)))
    # Both of the best candidates extend the same hypothesis.
    chain = {
        (7,): [0.625, 0.375, 0.0],
        (7, 0): [0.5, 0.5, 0.0],
        (7, 1): [0.75, 0.25, 0.0],
        (7, 0, 0): [0.5, 0.25, 0.25],
        (7, 0, 1): [0.25, 0.5, 0.25],
        (7, 1, 0): [0.0, 0.0, 1.0],
    }
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 2), ([0, 0, 0], math.log(0.625 * 0.25)))
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 3), ([1, 0, 2], math.log(0.375 * 0.75)))
    for width in (2, 3):
        for prompt in ([1], [2, 0, 1]):
            model = random_model(int(rng.integers(10**6)), 4, end=-1.0)
            check(kata.beam_search(model, prompt, 4, 0, width), searched(model, prompt, 4, 0, width))


def test_narrow_and_wide(kata, rng):
    """A beam of width 1 is greedy decoding; one that holds all candidates finds the best text of all."""
    for end in (-2.0, 0.5):
        model = random_model(int(rng.integers(10**6)), 4, eos=1, end=end)
        check(kata.beam_search(model, [2], 5, 1, 1), greedy(model, [2], 5, 1))
        check(kata.beam_search(model, [2], 3, 1, 100), best_of_all(model, [2], 3, 1, 4))
        check(kata.beam_search(model, [2], 3, 1, 100, 1.0), best_of_all(model, [2], 3, 1, 4, 1.0))
    # A candidate beyond the width is lost, although it ends with eos and would be the best in the end.
    lost = {(7,): [0.5, 0.1, 0.4], (7, 0): [0.4, 0.3, 0.3]}
    check(kata.beam_search(model_of(lost), [7], 2, EOS, 1), ([0, 0], math.log(0.2)))
    # There is one hypothesis at the start: copies of it would fill the beam with the same text.
    check(kata.beam_search(model_of(TRAP), [7], 2, EOS, 9), ([1, 2], math.log(0.375 * 0.875)))


def test_finished(kata, rng):
    """A hypothesis that ends with eos is not extended, and takes no place in the beam of the next step."""
    # The text [2] is finished first. Of the others, [0, 1, 2] is better, and [1, 0, 2] is the best.
    chain = {
        (7,): [0.28, 0.27, 0.25, 0.2],
        (7, 0): [0.3, 0.65, 0.05, 0.0],
        (7, 1): [0.99, 0.01, 0.0, 0.0],
        (7, 2): [1.0, 0.0, 0.0, 0.0],
        (7, 0, 1): [0.0, 0.0, 1.0, 0.0],
        (7, 1, 0): [0.01, 0.0, 0.99, 0.0],
    }
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 3), ([1, 0, 2], math.log(0.27 * 0.99 * 0.99)))
    # [2] leaves the beam at the first step. At the second, both new candidates are kept, and the second wins.
    chain = {(7,): [0.4, 0.0, 0.6], (7, 0): [0.5, 0.5, 0.0], (7, 0, 0): [0.5, 0.5, 0.0], (7, 0, 1): [1.0, 0.0, 0.0]}
    found = kata.beam_search(model_of(chain), [7], 3, EOS, 2, 3.0)
    check(found, ([0, 1, 0], math.log(0.4 * 0.5) / 27))
    # Two are finished after two steps, and the one that is open wins in the end.
    chain = {(7,): [0.4, 0.1, 0.5], (7, 0): [0.1, 0.45, 0.45], (7, 0, 1): [1.0, 0.0, 0.0]}
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 2, 2.0), ([0, 1, 0], math.log(0.18) / 9))
    # Nothing is open after two steps.
    check(kata.beam_search(model_of({(7,): [0.75, 0.0, 0.25]}), [7], 9, EOS, 2), ([0, 2], math.log(0.75)))
    for width in (2, 3):
        for end in (0.0, 1.5):
            model = random_model(int(rng.integers(10**6)), 4, end=end)
            check(kata.beam_search(model, [1, 0], 5, 0, width), searched(model, [1, 0], 5, 0, width))


def test_end_of_search(kata, rng):
    """After max_new steps open hypotheses count as well as finished ones."""
    check(kata.beam_search(model_of(TRAP), [7], 1, EOS, 2), ([0], math.log(0.5)))
    chain = {(7,): [0.375, 0.0, 0.625], (7, 0): [1.0, 0.0, 0.0], (7, 0, 0): [0.0, 1.0, 0.0]}
    # The finished text is the likelier one; per token, the open one is.
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 2), ([2], math.log(0.625)))
    check(kata.beam_search(model_of(chain), [7], 3, EOS, 2, 1.0), ([0, 0, 1], math.log(0.375) / 3))
    for max_new in (1, 2, 4):
        model = random_model(int(rng.integers(10**6)), 5, eos=4)
        check(kata.beam_search(model, [3], max_new, 4, 2, 0.7), searched(model, [3], max_new, 4, 2, 0.7))


def test_length_penalty(kata, rng):
    """The score is the logprob over n to the power of length_penalty; n counts eos, but not the prompt."""
    chain = {(7, 7): [0.5, 0.25, 0.25], (7, 7, 0): [0.25, 0.25, 0.5], (7, 7, 1): [0.5, 0.25, 0.25]}
    model = model_of(chain)
    check(kata.beam_search(model, [7, 7], 2, EOS, 9, 1.0), ([0, 2], math.log(0.25) / 2))
    check(kata.beam_search(model, [7, 7], 2, EOS, 3, 0.5), ([0, 2], math.log(0.25) / math.sqrt(2)))
    # The text of three tokens costs 0.98, that of one token 0.47: the same per token at a penalty of 0.67.
    chain = {(7, 7): [0.375, 0.0, 0.625], (7, 7, 0): [1.0, 0.0, 0.0], (7, 7, 0, 0): [0.0, 1.0, 0.0]}
    for penalty, tokens, score in [
        (0.0, [2], math.log(0.625)),
        (0.6, [2], math.log(0.625)),
        (0.75, [0, 0, 1], math.log(0.375) / 3**0.75),
        (2.0, [0, 0, 1], math.log(0.375) / 9),
    ]:
        check(kata.beam_search(model_of(chain), [7, 7], 3, EOS, 2, penalty), (tokens, score))
    for penalty in (0.4, 1.0, 2.5):
        model = random_model(int(rng.integers(10**6)), 4, end=0.5)
        check(kata.beam_search(model, [1, 2, 3], 5, 0, 2, penalty), searched(model, [1, 2, 3], 5, 0, 2, penalty))


def test_impossible_tokens(kata):
    """Log-probabilities may be -inf, and then fewer candidates than the width are possible."""
    chain = {(7,): [0.0, 1.0, 0.0], (7, 1): [0.375, 0.0, 0.625], (7, 1, 0): [0.0, 0.0, 1.0]}
    check(kata.greedy_decode(model_of(chain), [7], 5, EOS), ([1, 2], math.log(0.625)))
    for width in (1, 2, 4):
        check(kata.beam_search(model_of(chain), [7], 5, EOS, width), ([1, 2], math.log(0.625)))
    check(kata.beam_search(model_of(chain), [7], 5, EOS, 4, 3.0), ([1, 0, 2], math.log(0.375) / 27))


@strict
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_ties(kata, rng, width):
    """A tie goes to the smaller list of tokens, in a step and at the end."""
    alike = model_of({(7,): [0.5, 0.5, 0.0], (7, 0): [0.25, 0.5, 0.25], (7, 1): [0.5, 0.25, 0.25]})
    check(kata.beam_search(alike, [7], 2, EOS, width), ([0, 1], math.log(0.25)))
    if width > 1:
        # The finished text [2] and a longer one are alike.
        longer = model_of({(7,): [0.0, 0.0, 0.5, 0.5], (7, 3): [1.0, 0.0, 0.0, 0.0]})
        check(kata.beam_search(longer, [7], 2, EOS, width), ([2], math.log(0.5)))
        longer = model_of({(7,): [0.5, 0.0, 0.5], (7, 0): [0.0, 1.0, 0.0]})
        check(kata.beam_search(longer, [7], 2, EOS, width), ([0, 1], math.log(0.5)))
    # Powers of two, whose logarithms have exact sums.
    levels = -rng.integers(6, 9, size=(65, 64)).astype(float)

    def coarse(tokens):
        return levels[int(tokens[-1])]

    check(kata.beam_search(coarse, [64], 2, EOS, width), searched(coarse, [64], 2, EOS, width))
    # [1] is likelier than [0], and then [0, 1] and [1, 0] are alike.
    crossed = {(7,): [0.25, 0.5, 0.25], (7, 0): [0.0, 1.0, 0.0], (7, 1): [0.5, 0.5, 0.0], (7, 1, 0): [0.5, 0.5, 0.0]}
    model = model_of(crossed)
    for max_new in (2, 3):
        check(kata.beam_search(model, [7], max_new, EOS, width), searched(model, [7], max_new, EOS, width))


def workload(kata, rng, n):
    """Decode with a random model, and with one of few distinct probabilities."""
    model = random_model(int(rng.integers(10**6)), 4, end=-0.5)
    probs = rng.choice([0.125, 0.25, 0.5], size=(5, 4))

    def coarse(tokens):
        return np.log2(probs[(3 * len(tokens) + int(tokens[-1])) % 5])

    max_new = min(n, 5)
    return (
        kata.greedy_decode(model, [1, 2], n, 0),
        kata.greedy_decode(coarse, [3], n, 0),
        kata.beam_search(model, [1], max_new, 0, 3, 0.8),
        kata.beam_search(coarse, [2, 1], max_new, 0, 3),
        kata.beam_search(coarse, [1], max_new, 0, 2, 1.0),
    )


GREEDY = """    while len(tokens) < max_new and eos not in tokens:
        logprobs = next_logprobs(prompt + tokens)
        tokens.append(int(np.argmax(logprobs)))
        logprob += float(logprobs[tokens[-1]])
    return Hypothesis(tokens, logprob)
"""
TOTALS = "[logprob + next_logprobs(prompt + tokens) for tokens, logprob in beam]"
BEST = 'np.argsort(-totals, axis=None, kind="stable")[:width]'
FOUND = "        found += [each for each in kept if each.tokens[-1] == eos]\n"
OPEN = "beam = sorted(each for each in kept if each.tokens[-1] != eos)\n"
SCORED = "[Hypothesis(tokens, logprob / len(tokens) ** length_penalty) for tokens, logprob in found + beam]"

MISTAKES = {
    "greedy drops eos": (
        GREEDY,
        GREEDY.replace("return Hypothesis(tokens,", "return Hypothesis([t for t in tokens if t != eos],"),
    ),
    "greedy goes on after eos": (GREEDY, GREEDY.replace(" and eos not in tokens", "")),
    "greedy stops at an eos in the prompt": (GREEDY, GREEDY.replace("eos not in tokens", "eos not in prompt + tokens")),
    "greedy takes one token too many": (GREEDY, GREEDY.replace("len(tokens) < max_new", "len(tokens) <= max_new")),
    "max_new counts the prompt": (GREEDY, GREEDY.replace("len(tokens) < max_new", "len(prompt + tokens) < max_new")),
    "greedy returns the prompt too": (GREEDY, GREEDY.replace("Hypothesis(tokens,", "Hypothesis(prompt + tokens,")),
    "greedy forgets the prompt": (
        GREEDY,
        GREEDY.replace("next_logprobs(prompt + tokens)", "next_logprobs(tokens or prompt)"),
    ),
    "greedy sees the last token only": (
        GREEDY,
        GREEDY.replace("next_logprobs(prompt + tokens)", "next_logprobs((prompt + tokens)[-1:])"),
    ),
    "greedy ties to the highest id": (
        GREEDY,
        GREEDY.replace("int(np.argmax(logprobs))", "len(logprobs) - 1 - int(np.argmax(logprobs[::-1]))"),
    ),
    "greedy returns the probability": (GREEDY, GREEDY.replace("(tokens, logprob)", "(tokens, float(np.exp(logprob)))")),
    "greedy returns the mean": (GREEDY, GREEDY.replace("(tokens, logprob)", "(tokens, logprob / len(tokens))")),
    "greedy leaves the last logprob out": (
        GREEDY,
        GREEDY.replace(
            "logprob += float(logprobs[tokens[-1]])", "logprob += float(logprobs[tokens[-1]]) * (tokens[-1] != eos)"
        ),
    ),
    "the beam forgets what a hypothesis has cost": (TOTALS, TOTALS.replace("logprob + next", "next")),
    "probabilities are added": (
        TOTALS,
        TOTALS.replace("next_logprobs(prompt + tokens)", "np.exp(next_logprobs(prompt + tokens))"),
    ),
    "the model sees the new tokens only": (TOTALS, TOTALS.replace("prompt + tokens", "tokens or prompt")),
    "the width best of each hypothesis": (
        BEST,
        "np.flatnonzero(np.argsort(np.argsort(-totals, axis=1), axis=1) < width)",
    ),
    "one candidate of each hypothesis": (
        BEST,
        "(np.arange(len(totals)) * totals.shape[1] + totals.argmax(axis=1)) if found or beam[0].tokens else " + BEST,
    ),
    "copies of the prompt at the start": (
        "beam, found = [Hypothesis([], 0.0)], []",
        "beam, found = [Hypothesis([], 0.0)] * width, []",
    ),
    "the least likely candidates": (BEST, BEST.replace("-totals", "totals")),
    "one candidate too many": (BEST, BEST.replace("[:width]", "[: width + 1]")),
    "a finished hypothesis narrows the beam": (BEST, BEST.replace("[:width]", "[: max(0, width - len(found))]")),
    "the search ends with the first finished hypothesis": ("        if not beam:\n", "        if found or not beam:\n"),
    "the search ends with width finished hypotheses": (
        "        if not beam:\n",
        "        if len(found) >= width or not beam:\n",
    ),
    "finished hypotheses are extended": (OPEN, "beam = sorted(kept)\n"),
    "a finished hypothesis keeps its place": (
        BEST,
        BEST.replace("[:width]", "[: max(0, width - sum(each.score > totals.max() for each in found))]"),
    ),
    "finished hypotheses are lost": (FOUND, ""),
    "open hypotheses do not count at the end": ("in found + beam]", "in found or beam]"),
    "open hypotheses count at every step": (FOUND, "        found += kept\n"),
    "a candidate beyond the width may be finished": (
        FOUND,
        FOUND
        + """        found += [
            Hypothesis([*each.tokens, eos], float(row[eos])) for each, row in zip(beam, totals, strict=True)
        ]
""",
    ),
    "no length penalty": (SCORED, SCORED.replace(" / len(tokens) ** length_penalty", "")),
    "divided by the length whatever the penalty": (SCORED, SCORED.replace(" ** length_penalty", "")),
    "the penalty times the length": (
        SCORED,
        SCORED.replace("len(tokens) ** length_penalty", "(len(tokens) * length_penalty or 1)"),
    ),
    "the penalty has the wrong sign": (SCORED, SCORED.replace("logprob / len", "logprob * len")),
    "eos is not counted": (
        SCORED,
        SCORED.replace("len(tokens) **", "max(1, len(tokens) - (tokens[-1] == eos)) **"),
    ),
    "the prompt is counted": (SCORED, SCORED.replace("len(tokens) **", "len(prompt + tokens) **")),
    "the penalty of the GNMT paper": (SCORED, SCORED.replace("len(tokens) **", "((5 + len(tokens)) / 6) **")),
    "the score is returned without the penalty": (
        "return min(scored, key=lambda each: (-each.score, each.tokens))",
        (
            "best = min(scored, key=lambda each: (-each.score, each.tokens))\n"
            "    return Hypothesis(best.tokens, best.score * len(best.tokens) ** length_penalty)"
        ),
    ),
    "the penalty is applied at each step": (
        TOTALS,
        TOTALS.replace("for", "/ (1 + len(tokens)) ** length_penalty for"),
    ),
}

STRICT_MISTAKES = {
    "ties to the hypothesis that was likelier before": (OPEN, OPEN.replace("sorted(", "list(")),
    "ties at the end to the longer text": ("(-each.score, each.tokens))", "(-each.score, -len(each.tokens)))"),
}
