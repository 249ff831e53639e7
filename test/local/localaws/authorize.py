"""Decides calls with the project's own evaluator, `sharedbucket simulate -`.

moto knows neither key policies nor conditions nor the rules across accounts. The evaluator does, and says why. What a
call of the control plane asks for is in ``calls``, what a request for S3's data does in ``data``.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

from moto.s3.exceptions import S3ClientError

from . import calls, data, operations, principals, scenario
from .principals import Principal


class Authorizer:
    """One evaluator process, asked a line at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._needed: Counter[tuple[str, str]] = Counter()
        self._process = subprocess.Popen(
            [path, "simulate", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def needed(self) -> list[dict[str, Any]]:
        """Which statements of identity policies let how many requests through, by role or user."""
        with self._lock:
            found = list(self._needed.items())
        return [{"principal": arn, "statement": sid, "requests": count} for (arn, sid), count in found]

    def refusal(self, environ: dict[str, Any], operation: str = "", key: str = "") -> tuple[str, str] | None:
        """The code and the words of a denial, or None. DeleteObjects is asked for by the operation on each key."""
        call, principal = operations.describe(environ), principals.of_request(environ)
        of_data = call.service == "s3" and call.operation in operations.S3_DATA
        if call.service not in calls.SERVICES or (call.operation == "DeleteObjects" and not operation):
            return None
        if of_data and principal.kind == "unknown":
            return "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        if principal.kind == "unknown" or (principal.account is None and not of_data):
            what = f"{call.service}:{call.operation}"
            return "AccessDenied", f"{what} needs credentials that exist, not those of {principal.arn}"
        try:
            wanted = data.questions(environ, operation or call.operation, key, principal)
            asked = list(wanted if of_data else calls.questions(environ, principal))
        except data.Undecided as error:
            return "AccessDenied", str(error)
        except S3ClientError as error:
            return error.code, error.message
        decisions = self._decide([scenario.of(one, principal, call.region) for one in asked], principal)
        for question, decision in zip(asked, decisions, strict=True):
            if decision["overall"] != "allow":
                return "AccessDenied", _refusal(principal, question.resource, decision)
        return None

    def _decide(self, asked: list[dict[str, Any]], principal: Principal) -> list[dict[str, Any]]:
        """One decision for each scenario, all of them in one go."""
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in asked).encode()
        with self._lock:
            self._process.stdin.write(lines)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            answers = [self._process.stdout.readline() for _ in asked]  # type: ignore[union-attr]
            if not all(answers):
                status = self._process.poll()
                raise RuntimeError(f"{self._path} simulate ended with status {status} on: {lines.decode()}")
            decisions = [json.loads(answer)["decisions"][0] for answer in answers]
            who = principal.role_arn or principal.arn
            self._needed.update(
                (who, reason["statement"])
                for decision in decisions
                for reason in decision["reasons"]
                if reason["verdict"] == "allow" and reason["layer"] == "identity"
            )
        return decisions


def _refusal(principal: Principal, resource: str, decision: dict[str, Any]) -> str:
    denied = [reason for reason in decision["reasons"] if reason["verdict"] != "allow"]
    reasons = "; ".join(reason["text"] for reason in denied)
    action = denied[0]["action"]
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}: {reasons}"
