"""Finds circles of imports in a package, also those that imports in functions or for type checkers hide.

    python test/local/circles.py test/local/localaws

Prints each circle, and each import of the package's own modules that is not at the top of its module; nothing, and ends
with 0, when there are none. The one exception: `__main__` loads the server when its signals are handled.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def modules(root: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[tuple[str, int, bool]]:
    """The package's modules that a module imports, where, and whether at its top."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
        package = package[: len(package) - node.level + 1]
        source = ".".join([*package, *(node.module or "").split(".")]).rstrip(".")
        for alias in node.names:
            target = f"{source}.{alias.name}"
            yield target if target in known else source, node.lineno, node in tree.body


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that reach themselves, each circle once."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for following in graph[waiting.pop()] - seen:
                seen.add(following)
                waiting.append(following)
        return seen

    reach = {name: reached(name) for name in graph}
    found = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in graph}
    return [list(circle) for circle in sorted(found) if circle]


def main(root: Path) -> int:
    known = modules(root)
    graph: dict[str, set[str]] = {name: set() for name in known}
    problems = []
    for name, path in known.items():
        for target, line, at_top in imports(name, path, known):
            if target not in known:
                problems.append(f"{path}:{line}: imports {target}, which is not there")
                continue
            graph[name].add(target)
            if not at_top and not name.endswith("__main__"):
                problems.append(f"{path}:{line}: imports {target} inside")
    problems += [f"a circle: {', '.join(circle)}" for circle in circles(graph)]
    print("".join(f"{problem}\n" for problem in problems), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
