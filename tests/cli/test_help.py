"""Help, usage and exit statuses, for every task of the registry."""
import pytest

from conftest import run_lode, tasks

TASKS = tasks()


def test_overview_lists_every_task(lode):
    done = lode("--help")
    assert done.code == 0
    for name in TASKS:
        assert f"{name} " in done.out


def test_no_arguments_is_wrong_usage(lode):
    assert lode().code == 2


def test_version(lode):
    done = lode("--version")
    assert done.code == 0 and done.out.startswith("lode ")


def test_unknown_task(lode):
    done = lode("prospect")
    assert done.code == 2
    assert "'prospect'" in done.err and "lode tasks" in done.err


def test_registry_is_complete():
    for name, task in TASKS.items():
        assert task["title"] and task["group"] and task["help"], name
        assert task["summary"].endswith("."), name
        for parameter in task["parameters"]:
            assert parameter["label"] and parameter["help"], (name, parameter["name"])
            assert parameter["help"].endswith("."), (name, parameter["name"])
            if parameter["kind"] in ("choice", "choices"):
                assert parameter["choices"], (name, parameter["name"])
                assert len(parameter["choice_labels"]) == len(parameter["choices"]), \
                    (name, parameter["name"])
                assert all(label[:1].isupper() for label in parameter["choice_labels"]), \
                    (name, parameter["name"])


@pytest.mark.parametrize("name", TASKS)
def test_task_help_names_every_parameter(name):
    done = run_lode(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: lode {name}") or TASKS[name]["summary"] in done.out
    for parameter in TASKS[name]["parameters"]:
        word = parameter["name"].upper() if parameter["positional"] else "--" + parameter["name"]
        assert word in done.out, word
    assert max(map(len, done.out.splitlines())) <= 120


@pytest.mark.parametrize("name", TASKS)
def test_unknown_option_is_wrong_usage(name):
    done = run_lode(name, "--no-such-option", "1")
    assert done.code == 2
    assert "no-such-option" in done.err and f"Usage: lode {name}" in done.err


@pytest.mark.parametrize("name", [n for n, t in TASKS.items()
                                  if any(p["required"] for p in t["parameters"])])
def test_missing_argument_is_wrong_usage(name):
    done = run_lode(name)
    assert done.code == 2
    required = [p for p in TASKS[name]["parameters"] if p["required"]]
    assert any(p["label"] in done.err or p["name"] in done.err for p in required), done


def ranged():
    for name, task in TASKS.items():
        for parameter in task["parameters"]:
            if parameter["kind"] in ("number", "integer", "distance") and parameter["maximum"]:
                yield pytest.param(name, parameter, id=f"{name}-{parameter['name']}")


@pytest.mark.parametrize("name,parameter", ranged())
def test_value_out_of_range_is_wrong_usage(name, parameter):
    words = ["x" for p in TASKS[name]["parameters"] if p["positional"] and p["required"]]
    above = f"{parameter['maximum'] * 2 + 1:.0f}"
    for value in (above, "many"):
        done = run_lode(name, *words, f"--{parameter['name']}", value)
        assert done.code == 2, done
        assert f"--{parameter['name']}" in done.message()


@pytest.mark.parametrize("name", TASKS)
def test_one_argument_too_many(name):
    words = TASKS[name]["parameters"]
    if any(p["positional"] and (p["multiple"] or p["kind"] in ("stack", "rasters")) for p in words):
        pytest.skip("takes any number of files")
    done = run_lode(name, *["x"] * (1 + sum(p["positional"] for p in words)))
    assert done.code == 2 and "too many" in done.err
