#!/usr/bin/env python3
"""Writes the reference of the tasks from the registry of the lode command.

manual.py LODE FOLDER              lode.1 and lode-TASK.1 for every task
manual.py --markdown LODE FILE     one page for the manual's site"""
import json
import subprocess
import sys
from pathlib import Path


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def paragraphs(text):
    return "\n.PP\n".join(escape(part) for part in text.split("\n\n"))


def page(name, summary, version):
    return [f'.TH "{name.upper()}" 1 "" "Lode {version}" "Lode"', ".SH NAME",
            f"{escape(name)} \\- {escape(summary.rstrip('.'))}"]


def task_page(task, version):
    lines = page("lode-" + task["name"], task["summary"], version)
    words = []
    for parameter in task["parameters"]:
        if parameter["positional"]:
            word = parameter["name"].upper()
            words.append(word if parameter["required"] else f"[{word}]")
    lines += [".SH SYNOPSIS", f".B lode {escape(task['name'])}", f"[options] {' '.join(words)}",
              ".SH DESCRIPTION", paragraphs(task["help"]), ".SH OPTIONS"]
    for parameter in task["parameters"]:
        label = parameter["name"].upper() if parameter["positional"] else "--" + parameter["name"]
        notes = []
        if parameter["choices"]:
            words = [word if word == label.lower() else f"{word} ({label})" for word, label
                     in zip(parameter["choices"], parameter["choice_labels"])]
            notes.append("One of " + ", ".join(words) + ".")
        if parameter["unit"]:
            notes.append(f"Unit: {parameter['unit']}.")
        if parameter["default"]:
            notes.append(f"Default: {parameter['default']}.")
        lines += [".TP", f".B {escape(label)}", escape(" ".join([parameter["help"], *notes]))]
    return lines + COMMON


COMMON = [
    ".TP", ".B \\-\\-json FILE", "Write what the task measured as JSON; '\\-' is standard output.",
    ".TP", ".B \\-q, \\-\\-quiet", "No progress bar and no notes.",
    ".TP", ".B \\-\\-debug", "Say more.",
    ".TP", ".B \\-h, \\-\\-help", "Show the options.",
    ".SH EXIT STATUS", "0 success, 1 failure, 2 wrong usage.",
]


def registry_of(program):
    text = subprocess.run([program, "tasks", "--json"], check=True, capture_output=True, text=True)
    return json.loads(text.stdout)


# ---- The page of the site --------------------------------------------------------------------------

# Characters that Markdown or the table would take for markup.
MARKUP = str.maketrans({c: "\\" + c for c in "\\`*_{}[]<>|$#"})


def plain(text):
    return text.translate(MARKUP)


def option_row(parameter):
    label = parameter["name"].upper() if parameter["positional"] else "--" + parameter["name"]
    notes = [plain(parameter["help"])]
    if parameter["choices"]:
        notes.append("One of " + ", ".join(f"`{choice}`" for choice in parameter["choices"]) + ".")
    bounds = [parameter.get("minimum"), parameter.get("maximum")]
    if None not in bounds:
        notes.append(f"{bounds[0]:g} to {bounds[1]:g}.")
    if parameter["unit"]:
        notes.append(f"Unit: {plain(parameter['unit'])}.")
    default = f"`{parameter['default']}`" if parameter["default"] else ""
    if parameter["required"]:
        default = "required"
    return f"| `{label}` | {' '.join(notes)} | {default} |"


def site_task(task):
    words = [f"[{p['name'].upper()}]" if not p["required"] else p["name"].upper()
             for p in task["parameters"] if p["positional"]]
    lines = [f"### {task['name']}", "", f"*{plain(task['title'])}.* {plain(task['summary'])}", "",
             "```text", " ".join(["lode", task["name"], "[options]", *words]), "```", ""]
    for part in task["help"].split("\n\n"):
        lines += [plain(" ".join(part.split())), ""]
    lines += ["| option | what it does | default |", "|---|---|---|"]
    return lines + [option_row(parameter) for parameter in task["parameters"]] + [""]


def site_page(registry):
    lines = ["# Tasks", "", "What Lode can do, in the order of the toolbox. The command line, the "
             "dialogs of QGIS and this page are made from one description. Every task also takes "
             "`--json FILE` (what it measured; `-` is standard output), `--quiet`, `--debug` and "
             "`--help`.", ""]
    group = None
    for task in registry["tasks"]:
        if task["group"] != group:
            group = task["group"]
            lines += [f"## {plain(group)}", ""]
        lines += site_task(task)
    return "\n".join(lines)


def main(program, folder):
    registry = registry_of(program)
    Path(folder).mkdir(parents=True, exist_ok=True)
    overview = page("lode", "mineral prospectivity mapping from geochemical rasters",
                    registry["lode"])
    overview += [".SH SYNOPSIS", ".B lode TASK", "[options] INPUT... OUTPUT", ".SH TASKS"]
    for task in registry["tasks"]:
        overview += [".TP", f".B {escape(task['name'])}",
                     escape(task["summary"]) + f" See lode\\-{escape(task['name'])}(1)."]
        target = Path(folder, f"lode-{task['name']}.1")
        target.write_text("\n".join(task_page(task, registry["lode"])) + "\n", encoding="utf-8")
    overview += [".SH EXIT STATUS", "0 success, 1 failure, 2 wrong usage."]
    Path(folder, "lode.1").write_text("\n".join(overview) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--markdown":
        Path(sys.argv[3]).write_text(site_page(registry_of(sys.argv[2])), encoding="utf-8")
    else:
        main(*sys.argv[1:])
