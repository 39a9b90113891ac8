"""Circles in a directed graph, in an order in which each comes after all that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet


def components_in_order(graph: Mapping[str, AbstractSet[str]]) -> list[list[str]]:
    """Find the strongly connected components, without recursion.

    Tarjan, *Depth-first search and linear graph algorithms*, SIAM Journal on Computing 1 (1972).

    Args:
        graph: Where each node leads to; every node is a key.

    Returns:
        The components, each after those that it leads to; sorted inside.

    Example:
        >>> components_in_order({"a": {"b"}, "b": {"a", "c"}, "c": set()})
        [['c'], ['a', 'b']]
    """
    search = _Search(graph)
    for node in sorted(graph):
        if node not in search.number:
            search.visit(node)
    return search.components


class _Search:
    def __init__(self, graph: Mapping[str, AbstractSet[str]]) -> None:
        self._graph = graph
        self.number: dict[str, int] = {}
        self._lowest: dict[str, int] = {}
        self._path: list[str] = []
        self._on_path: set[str] = set()
        self.components: list[list[str]] = []

    def visit(self, start: str) -> None:
        """Go through everything that can be reached from a node."""
        stack = [self._enter(start)]
        while stack:
            node, following = stack[-1]
            after = next(following, None)
            if after is None:
                stack.pop()
                self._leave(node)
                if stack:
                    parent = stack[-1][0]
                    self._lowest[parent] = min(self._lowest[parent], self._lowest[node])
            elif after not in self.number:
                stack.append(self._enter(after))
            elif after in self._on_path:
                self._lowest[node] = min(self._lowest[node], self.number[after])

    def _enter(self, node: str) -> tuple[str, Iterator[str]]:
        self.number[node] = self._lowest[node] = len(self.number)
        self._path.append(node)
        self._on_path.add(node)
        return node, iter(sorted(self._graph[node]))

    def _leave(self, node: str) -> None:
        if self._lowest[node] != self.number[node]:
            return
        component = []
        while True:
            last = self._path.pop()
            self._on_path.discard(last)
            component.append(last)
            if last == node:
                break
        self.components.append(sorted(component))
