"""A good while it is being put together from the pieces of a question."""

from dataclasses import dataclass, field

from knowledge.model import Quantity


@dataclass
class Draft:
    """A good being put together."""

    start: int
    end: int
    kind: str | None = None
    elements: dict[str, bool] = field(default_factory=dict)
    may: set[str] = field(default_factory=set)
    complete: bool = False
    shares: dict[str, Quantity] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    properties: dict[str, Quantity] = field(default_factory=dict)
    dimensions: tuple[Quantity, ...] = ()
    last_element: str | None = None
    joined: bool = False  # elements written together: "Dy-Fe"
    disputed: set[str] = field(default_factory=set)  # properties named twice with different figures: to be asked
    name_end: int = 0  # where the words end that name the goods, without what they are free of

    @property
    def empty(self) -> bool:
        return self.kind is None and not any(self.elements.values()) and not self.may
