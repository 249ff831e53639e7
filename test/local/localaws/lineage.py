"""Lambda's detection of recursive loops: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html

A function that calls a function by an AWS SDK hands on the header of its trace. How often a function was invoked in one
chain of requests is in it; AWS does not document in which form.
"""

import hashlib
import re
from urllib.parse import unquote

# "If your function is invoked approximately 16 times in the same chain of requests, then Lambda automatically stops the
# next function invocation."
MOST = 16


def of_request(trace: str, function_arn: str) -> int:
    """How often the function will have been invoked in the chain of a request with this trace."""
    found = re.search(r"Lineage=(\d+):([0-9a-f]+)", unquote(trace))
    return int(found[1]) + 1 if found and found[2] == _mark(function_arn) else 1


def trace(function_arn: str, invoked: int) -> str:
    """The trace of an invocation."""
    return f"Root=1-00000000-000000000000000000000000;Sampled=0;Lineage={invoked}:{_mark(function_arn)}"


def _mark(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]
