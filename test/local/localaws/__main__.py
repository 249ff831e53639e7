"""Starts the local AWS and prints one JSON line when it is ready."""

import argparse
import json
import os
import signal
import stat
import sys
import threading
import warnings


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="localaws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: the kernel chooses")
    parser.add_argument("--authorizer", metavar="PATH", help="the sharedbucket binary that decides S3 data requests")
    parser.add_argument("--latency-ms", type=float, default=0, help="added to every API call")
    return parser.parse_args(argv)


def main() -> int:
    options = arguments()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    watch_parent(ended)

    # moto warns about errors that botocore's models do not list, like S3 Control's AccessDenied.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"moto\.")
    # After the signals are handled: importing moto takes seconds, and a caller may give up meanwhile.
    from .server import LocalAWS

    aws = LocalAWS(options.port, authorizer=options.authorizer, latency_ms=options.latency_ms)
    try:
        if not ended.is_set():
            aws.start()
            print(json.dumps({"endpoint": aws.endpoint, "pid": os.getpid()}), flush=True)
        ended.wait()
    finally:
        aws.stop()
    return 0


def watch_parent(ended: threading.Event) -> None:
    """Ends with the process that holds the other end of standard input, however that one dies.

    Only for a pipe or a socket: a terminal or /dev/null says nothing about a parent.
    """
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def wait() -> None:
        while os.read(0, 4096):
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True, name="parent").start()


if __name__ == "__main__":
    status = main()
    # Request threads are daemons that may still wait for a function: nothing is left to be done for them.
    sys.stdout.flush()
    os._exit(status)
