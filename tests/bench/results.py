"""results.py DATA OUT [SET...] - makes the tables of docs/results.md: grids, pretrains and validates the
public surveys in DATA (and the sample data), with the defaults, and prints Markdown tables.

Commands and tables go to standard output, models, reports and JSON to OUT. LODE_BUILD names the build
folder. SET: sample, nanling, gold, copper, metals, katanning (the default: these six); networks compares
with the supervised networks too, one repeat on each survey, and takes an hour."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LODE = pathlib.Path(os.environ.get("LODE_BUILD", ROOT / "build")) / "bin" / "lode"
DATA, OUT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
SETS = sys.argv[3:] or ["sample", "nanling", "gold", "copper", "metals", "katanning"]


def lode(*words):
    """Runs a command in OUT and prints it as a reader would type it."""
    line = " ".join(f'"{w}"' if " " in str(w) else str(w) for w in words)
    print("    lode " + line.replace(str(DATA), "DATA").replace(str(ROOT) + "/", ""))
    sys.stdout.flush()
    subprocess.run([LODE, *map(str, words), "-q"], cwd=OUT, check=True)


def made(name, *words):
    if not (OUT / name).exists():
        lode(*words)


def interval(measure, scale=1, digits=2):
    return "{:.{d}f} ({:.{d}f} to {:.{d}f})".format(
        *(scale * measure[key] for key in ("value", "low", "high")), d=digits)


def table(name):
    result = json.loads((OUT / f"{name}.json").read_text())
    folds = sorted(set(result["folds_of_repeats"]))
    folds = " to ".join(str(count) for count in dict.fromkeys((folds[0], folds[-1])))
    print(f"\n**{name}**: {result['deposits']} deposits, blocks of {result['block_m'] / 1000:.3g} km, buffer "
          f"{result['buffer_m'] / 1000:.3g} km, {folds} folds, {result['repeats']} repeats\n")
    print("| method | AUC | best 5 % | best 10 % | best 20 % | accuracy (%) |\n|---|---|---|---|---|---|")
    for method, measures in result["methods"].items():
        capture = [interval(measures["capture"][key], 100, 0) for key in ("0.05", "0.10", "0.20")]
        accuracy = interval(measures["accuracy"], 100, 0) if "accuracy" in measures else "-"
        print(f"| {method} | {interval(measures['auc'])} | {' | '.join(capture)} | {accuracy} |")
    print()
    for pair, measures in result["paired"].items():
        print(f"- {pair}: difference in AUC {interval(measures['auc'])}")
    for text in (result["verdict"], *result["warnings"]):
        print(f"- {text}")
    print()


def validate(name, stack, deposits, *options):
    lode("validate", stack, deposits, f"{name}.html", *options, "--json", f"{name}.json")
    table(name)


def sample():
    folder = ROOT / "sample_data"
    return folder / "stack.tif", folder / "deposits.gpkg", "--samples", folder / "samples.gpkg"


def nanling():
    folder = DATA / "nanling_li_raster"
    grids = sorted((folder / "rasters").glob("Idw_*.tif"))
    made("nanling.tif", "stack", "--like", grids[0], *grids, "nanling.tif")
    return "nanling.tif", folder / "deposits.gpkg"


def saudi(condition):
    folder = DATA / "saudi_23n44e"
    made("saudi.tif", "grid", folder / "samples.gpkg", "saudi.tif", "--cell", "1km", "--crs", "EPSG:32638")
    return ("saudi.tif", folder / "deposits.gpkg", "--where", f"{condition} = 1", "--samples",
            folder / "samples.gpkg")


def katanning():
    folder = DATA / "wa_katanning"
    made("katanning.tif", "grid", folder / "samples.gpkg", "katanning.tif", "--cell", "1km", "--crs",
         "EPSG:28350")
    return "katanning.tif", folder / "deposits.gpkg", "--samples", folder / "samples.gpkg"


# Name of the set: name of its pretrained model, and what makes its inputs.
SURVEYS = {
    "sample": ("sample", sample),
    "nanling": ("nanling", nanling),
    "gold": ("saudi", lambda: saudi("is_gold")),
    "copper": ("saudi", lambda: saudi("is_copper")),
    "metals": ("saudi", lambda: saudi("is_au_ag_cu_pb_zn")),
    "katanning": ("katanning", katanning),
}
NETWORKS = ["--methods", "contrastive,resnet50,mobilenetv2,dense,logistic,element", "--repeats", "1"]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (model, inputs) in SURVEYS.items():
        networks = "networks" in SETS and name != "copper"
        if name not in SETS and not networks:
            continue
        stack, deposits, *options = inputs()
        made(f"{model}.lode", "pretrain", stack, f"{model}.lode")
        if name in SETS:
            validate(name, stack, deposits, *options, "--model", f"{model}.lode")
        if networks:
            validate(f"networks-{name}", stack, deposits, *options, "--model", f"{model}.lode", *NETWORKS)


if __name__ == "__main__":
    main()
