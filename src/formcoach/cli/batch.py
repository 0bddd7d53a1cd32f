"""Several inputs, one after the other: a failed one does not keep the others from being done."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from formcoach.analysis import analyze_input
from formcoach.analysis.options import result_names
from formcoach.analysis.saving import save_result
from formcoach.cli.console import ProgressMonitor, make_progress, print_result
from formcoach.cli.interruption import Interruption
from formcoach.errors import FormCoachError
from formcoach.sessions.record import to_document

if TYPE_CHECKING:
    from formcoach.analysis import AnalysisOptions, AnalysisResult


def run_batch(inputs: list[str], options: AnalysisOptions, *, as_json: bool) -> bool:
    """Analyse inputs one after the other and print what was found.

    Parameters
    ----------
    inputs
        Paths, camera numbers, addresses.
    options
        For all of them.
    as_json
        Print one JSON document at the end in place of tables; it has an entry for every input.

    Returns
    -------
    bool
        Whether anything failed or was stopped.
    """
    documents: list[dict[str, Any]] = []
    failed = False
    waiting = list(inputs)
    with Interruption() as interruption, make_progress() as progress:
        for source, name in zip(inputs, result_names(inputs), strict=True):
            waiting.remove(source)
            monitor = ProgressMonitor(progress, name, interruption)
            try:
                document, partial = _analyze(source, name, options, monitor, as_json=as_json)
                failed |= partial
                documents.append(document)
            except KeyboardInterrupt:
                failed = True
                documents.append(_failure(source, f"Stopped at once; nothing of '{name}' was kept."))
            except FormCoachError as error:
                failed = True
                documents.append(_failure(source, str(error)))
            except Exception as error:
                failed = True
                if os.environ.get("FORMCOACH_DEBUG"):
                    raise
                documents.append(_failure(source, _fault(source, error)))
            finally:
                monitor.finish()
            if interruption.asked:
                break
        for source in waiting:
            failed = True
            documents.append(_failure(source, f"'{source}' was not analysed: everything was stopped before it."))
    if as_json:
        print(json.dumps({"results": documents}, indent=2))  # noqa: T201
    return failed


def _analyze(
    source: str, name: str, options: AnalysisOptions, monitor: ProgressMonitor, *, as_json: bool
) -> tuple[dict[str, Any], bool]:
    """Analyse one input, show and keep what was found; return its document and whether it was stopped."""
    result = analyze_input(source, name, options, monitor)
    document = _document(source, result)
    if not as_json:
        print_result(result)
    if options.save:
        document["saved"] = _save(result, options, as_json=as_json)
    return document, result.record.partial


def _document(source: str, result: AnalysisResult) -> dict[str, Any]:
    return {"input": source, "done": True, "folder": str(result.folder), "session": to_document(result.record)}


def _save(result: AnalysisResult, options: AnalysisOptions, *, as_json: bool) -> str:
    """Keep a result in the store and return the name of the session."""
    session_id = save_result(result, options.leg)
    if not as_json:
        print(f"Saved as session {session_id}")  # noqa: T201
    return session_id


def _fault(source: str, error: Exception) -> str:
    return (
        f"'{source}' could not be analysed because of a fault in formcoach ({type(error).__name__}: {error}): please"
        " report it; FORMCOACH_DEBUG=1 shows where it is."
    )


def _failure(source: str, sentence: str) -> dict[str, Any]:
    print(f"formcoach: {sentence}", file=sys.stderr)  # noqa: T201
    return {"input": source, "done": False, "error": sentence}
