"""The module `model.py` of a drafted capsule: it opens what lies beside it, and asks it in its own way. Pure."""

import re
from collections.abc import Mapping

from capsule_flows.new_declaration import literal, positive_class
from capsule_flows.new_draft import Draft
from capsule_flows.new_source import Source

PYTHON = "/opt/model/bin/python"
"""The model's own Python in the image."""
ARTIFACT = "artifact"
"""The folder with the model's own files."""
DTYPES = {
    "double": "float64",
    "float": "float32",
    "long": "int64",
    "integer": "int32",
    "boolean": "bool",
    "datetime": "datetime64[ns]",
}
"""How pandas calls what MLflow calls a column's type; a text is as it is."""
OF_KINDS = {"float": "float64", "int": "int64", "bool": "bool", "date": "datetime64[ns]"}

HEAD = '''"""The model: {told}, opened in its own process alone."""

{imports}

ARTIFACT = Path(__file__).parent / "{artifact}"
HEADERS = {{{headers}}}
"""The contract's columns, and what the model calls them, in its order."""
TYPES: dict[str, str] = {{{types}}}


def load() -> None:
    """Make the model ready."""
    trained()


@cache
def trained() -> Any:
    """Return the model."""
{opening}


def predict(cases: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Return the prediction of each case."""
    given = cases[list(HEADERS)].rename(columns=HEADERS).astype(TYPES)
{asking}
{returned}
'''
LABEL = '''

def label(value: object) -> str:
    """Return a class as the declaration names it: 1.0 and 1 are the same."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
'''
MLFLOW = """    # Nothing of a trial is to leave its container.
    os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", GIT_PYTHON_REFRESH="quiet")
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(ARTIFACT))"""
PICKLE = """    with (ARTIFACT / {main}).open("rb") as file:
        return pickle.load(file)  # noqa: S301  # whoever drafted this capsule trusts it"""
JOBLIB = """    return joblib.load(ARTIFACT / {main})"""
ONNX = """    return InferenceSession(ARTIFACT / {main}, providers=["CPUExecutionProvider"])"""
MODULE = """    spec = spec_from_file_location("artifact", ARTIFACT / {main})
    assert spec is not None
    assert spec.loader is not None
    # What lies beside it can be imported by it.
    sys.path.insert(0, str(ARTIFACT))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module"""
ASK_ONNX = """    asked = trained().get_inputs()
    dtype = DTYPES.get(asked[0].type, "float32")
    if len(asked) == 1:
        feed = {asked[0].name: given.to_numpy(dtype)}
    else:
        dtypes = [DTYPES.get(one.type, "object") for one in asked]
        columns = zip(asked, given, dtypes, strict=True)
        feed = {one.name: given[[name]].to_numpy(kind) for one, name, kind in columns}
    del settings  # it takes none
    said = pd.DataFrame({"prediction": trained().run(None, feed)[0].ravel()})"""
ONNX_TYPES = '''
DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}
"""How numpy calls what ONNX calls an input's type."""'''
STANDARD = {
    "mlflow": ["os"],
    "pickle": ["pickle"],
    "joblib": [],
    "onnx": [],
    "python": ["sys"],
}
FURTHER = {
    "mlflow": ["import pandas as pd"],
    "pickle": ["import pandas as pd"],
    "joblib": ["import joblib", "import pandas as pd"],
    "onnx": ["import pandas as pd", "from onnxruntime import InferenceSession"],
    "python": ["import pandas as pd"],
}


def words_of(name: str, source: Source) -> str:
    """Return how the declaration says what is started: a module in the model's own Python, or R."""
    if source.kind == "r":
        return f'Command("Rscript", {literal(f"{ARTIFACT}/{source.main}")})'
    return f'OtherPython("{PYTHON}", "{name}.model")'


def model(source: Source, draft: Draft) -> str | None:
    """Return the text of `model.py`; None where the model speaks for itself."""
    if source.kind == "r":
        return None
    headers = {one.name: one.header for one in draft.columns if not one.identifier}
    is_class = draft.answer.kind == "class"
    text = HEAD.format(
        told=re.sub(r"[^\w./:@ -]", "_", source.told),
        artifact=ARTIFACT,
        imports=_imports(source),
        headers=_pairs(headers),
        types=_pairs(_types(source, draft)),
        opening=_opening(source),
        asking=_asking(source, draft),
        returned=_returned(source, draft),
    )
    if source.kind == "onnx":
        text = text.replace("\n\n\ndef load()", f"{ONNX_TYPES}\n\n\ndef load()", 1)
    return text + (LABEL if is_class else "")


def _imports(source: Source) -> str:
    standard = [f"import {one}" for one in STANDARD[source.kind]]
    standard += ["from functools import cache"]
    if source.kind == "python":
        standard += ["from importlib.util import module_from_spec, spec_from_file_location"]
    standard += ["from pathlib import Path", "from typing import Any"]
    return "\n".join([*standard, "", *FURTHER[source.kind]])


def _pairs(of: Mapping[str, str]) -> str:
    inner = "".join(f"    {literal(key)}: {literal(value)},\n" for key, value in of.items())
    return f"\n{inner}" if inner else ""


def _types(source: Source, draft: Draft) -> dict[str, str]:
    """Return the type of each of the model's columns that always has a value, where it is no text."""
    signature = source.card.signature
    said = {one.name: one.type for one in signature.inputs} if signature else {}
    found = {}
    for one in draft.columns:
        if one.identifier or not (one.required or one.kind == "float"):
            continue
        dtype = DTYPES.get(said.get(one.header, "")) or OF_KINDS.get(one.kind)
        if dtype:
            found[one.header] = dtype
    return found


def _opening(source: Source) -> str:
    told = {"mlflow": MLFLOW, "pickle": PICKLE, "joblib": JOBLIB, "onnx": ONNX, "python": MODULE}
    return told[source.kind].replace("{main}", literal(source.main))


def _asking(source: Source, draft: Draft) -> str:
    if source.kind == "onnx":
        return ASK_ONNX
    array = _array_type(source)
    given = f"given.to_numpy({literal(array)})" if array else "given"
    takes = source.takes_settings or (source.kind == "mlflow" and draft.settings)
    if not takes:
        return f"    del settings  # it takes none\n    said = pd.DataFrame(trained().predict({given}))"
    given += ", params=settings" if source.kind == "mlflow" else ", settings"
    return f"    said = pd.DataFrame(trained().predict({given}))"


def _array_type(source: Source) -> str | None:
    """Return the type of the one array without columns that the model takes; None where it takes a table."""
    inputs = source.card.signature.inputs if source.card.signature else ()
    return inputs[0].type if len(inputs) == 1 and inputs[0].shape else None


def _returned(source: Source, draft: Draft) -> str:
    answer = draft.answer
    named = answer.output and source.kind == "mlflow"
    column = f"said[{literal(answer.output)}]" if named else "said.iloc[:, 0]"
    numbers, classes = f"{column}.to_numpy(float)", f"list(map(label, {column}))"
    parts = [f'"prediction": {numbers if answer.kind == "number" else classes}']
    if positive_class(answer):
        parts.append(f'"score": said[{literal(answer.score)}].to_numpy(float)')
    if len(parts) == 1:
        return f"    return pd.DataFrame({{{parts[0]}}}, index=cases.index)"
    inner = "".join(f"            {one},\n" for one in parts)
    return f"    return pd.DataFrame(\n        {{\n{inner}        }},\n        index=cases.index,\n    )"
