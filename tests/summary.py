"""summary.py RESULTS SUITE... - adds up what the suites of tests/run.sh left in RESULTS, prints
failures and the reasons of skips, and ends with one line for all."""
import os
import sys
import xml.etree.ElementTree as xml


def from_junit(path):
    for case in xml.parse(path).getroot().iter("testcase"):
        name = ".".join(filter(None, [case.get("classname"), case.get("name")]))
        state, reason = "passed", ""
        for tag, meaning in (("skipped", "skipped"), ("failure", "failed"), ("error", "failed")):
            found = case.find(tag)
            if found is not None:
                state, reason = meaning, found.get("message") or (found.text or "").strip()
        if case.get("status") in ("fail", "disabled", "notrun"):
            state = "failed" if case.get("status") == "fail" else "skipped"
        yield name, state, reason


def from_table(path):
    for line in open(path, encoding="utf-8"):
        suite, name, state, reason = (line.rstrip("\n").split("\t") + ["", "", ""])[:4]
        yield name, state, reason


def outcomes(folder, suite):
    for ending, read in ((".xml", from_junit), (".tsv", from_table)):
        path = os.path.join(folder, suite + ending)
        if not os.path.exists(path):
            continue
        try:
            yield from read(path)
        except xml.ParseError as error:
            yield suite, "failed", f"{path} is not complete ({error})"


def main(folder, suites):
    total = {"passed": 0, "failed": 0, "skipped": 0}
    print()
    for suite in suites:
        found = list(outcomes(folder, suite))
        if not found:
            found = [("suite", "failed", f"gave no result; see {folder}/{suite}.log")]
        count = {state: sum(s == state for _, s, _ in found) for state in total}
        print(f"{suite:9s} {count['passed']:4d} passed {count['failed']:4d} failed "
              f"{count['skipped']:4d} skipped")
        for name, state, reason in found:
            if state != "passed":
                line = (reason.splitlines() or ["no reason given"])[0]
                print(f"    {state.upper()} {name}: {line[:200]}")
        for state in total:
            total[state] += count[state]
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
