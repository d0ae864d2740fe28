"""Which functions mutmut leaves as they are."""

from tests.mutants.unchanged import unchanged_functions

SOURCE = """
def plain(): ...

@cache
def cached(): ...

@dataclass(frozen=True)
class Place:
    def method(self): ...

    @property
    def value(self): ...

    @classmethod
    def of(cls): ...

    @staticmethod
    def at(): ...
"""


def test_functions_with_a_decorator_are_left_except_for_methods_of_a_class() -> None:
    assert list(unchanged_functions(SOURCE)) == ["cached", "Place.value"]
