"""Updates: what a learner has filled in survives every pull, and new and changed stubs are laid."""

import os
import shutil
import subprocess

import pytest

from katagrad.katas import stubs

pytestmark = pytest.mark.timeout(300)

WHO = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Learner"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "learner@example.org"),
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
}


def reword(checkout, name, before, after):
    """Change the statement of a kata, and its stub with it where that is the authors' copy."""
    kata = checkout.kata(name)
    text = kata.solution.read_text(encoding="utf-8")
    assert before in text
    kata.solution.write_text(text.replace(before, after, 1), encoding="utf-8")
    return kata


def test_nothing_to_do(checkout):
    """A checkout whose stubs are what the solutions say is left alone."""
    result = checkout.run("update")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "All stubs are up to date.\n"


def test_each_kind_of_file(checkout):
    """Missing and old blank stubs are laid; answers, broken ones too, stay; another statement and marks are told."""
    kata = checkout.kata
    kata("vif").exercise.unlink()
    reword(checkout, "ridge", '"""', '"""Changed. ')
    answered = reword(checkout, "lasso", '"""', '"""Changed. ')
    answer = checkout.solve("lasso").read_text(encoding="utf-8").replace("Changed. ", "", 1)
    answered.exercise.write_text(answer, encoding="utf-8")
    same = checkout.solve("roc_auc").read_bytes()
    broken = "def f(:\n"
    kata("ndcg").exercise.write_text(broken, encoding="utf-8")
    kata("nms").exercise.write_bytes(b"\xff\xfe")
    marked = "<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> main\n"
    kata("iou").exercise.write_text(marked, encoding="utf-8")
    result = checkout.run("update")
    assert result.returncode == 1
    assert "1 new\n  diagnostics/vif\n" in result.stdout
    assert "1 changed, still blank, laid afresh\n  regularization/ridge\n" in result.stdout
    assert "4 that you have filled in: left as they are" in result.stdout
    assert "1 of them have another statement now\n  regularization/lasso\n" in result.stdout
    assert "reset lasso" in result.stdout
    assert "with marks of a merge" in result.stdout
    for name in ("vif", "ridge"):
        assert kata(name).exercise.read_text(encoding="utf-8") == stubs.derive(kata(name))
    assert kata("lasso").exercise.read_text(encoding="utf-8") == answer
    assert kata("roc_auc").exercise.read_bytes() == same
    assert kata("ndcg").exercise.read_text(encoding="utf-8") == broken
    assert kata("nms").exercise.read_bytes() == b"\xff\xfe"
    assert kata("iou").exercise.read_text(encoding="utf-8") == marked


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_a_pull_as_the_readme_says(checkout, tmp_path):
    """Answers on a branch of one's own survive a pull that brings a new statement and a new kata."""

    def git(*words, at):
        done = subprocess.run(
            [shutil.which("git"), *words],
            cwd=at,
            env={**os.environ, **WHO},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)

    vif, mine = checkout.kata("vif"), tmp_path / "mine"
    last = vif.exercise.read_text(encoding="utf-8")
    vif.exercise.unlink()
    (checkout.root / ".gitignore").write_text("__pycache__/\n.katagrad/\n", encoding="utf-8")
    for words in (("init", "--quiet", "--initial-branch", "main"), ("add", "."), ("commit", "--quiet", "-m", "one")):
        git(*words, at=checkout.root)
    git("clone", "--quiet", str(checkout.root), str(mine), at=tmp_path)
    answer = checkout.kata("ridge").solution.read_text(encoding="utf-8")
    exercise = mine / "exercises" / "regularization" / "ridge.py"
    exercise.write_text(answer, encoding="utf-8")
    git("switch", "--quiet", "-c", "answers", at=mine)
    git("commit", "--quiet", "-am", "answers", at=mine)
    # Upstream both the statement and the lines that were filled in change, and a kata comes.
    changed = reword(checkout, "ridge", '"""', '"""Changed. ')
    upstream = stubs.derive(changed).replace("raise NotImplementedError", "raise NotImplementedError  # changed")
    changed.exercise.write_text(upstream, encoding="utf-8")
    vif.exercise.write_text(last, encoding="utf-8")
    git("add", ".", at=checkout.root)
    git("commit", "--quiet", "-m", "two", at=checkout.root)
    git("pull", "--quiet", "--no-edit", "--no-rebase", "-X", "ours", "origin", "main", at=mine)
    merged = exercise.read_text(encoding="utf-8")
    assert "<<<<" not in merged
    body = answer[answer.rindex('"""') :]
    assert body in merged
    assert (mine / "exercises" / "diagnostics" / "vif.py").read_text(encoding="utf-8") == last
