"""The United States lists as one: control list, Country Chart, Country Groups, titles; bundled, or as compiled from the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.controllists.chart import CountryChart, CountryGroups, load_ccl, load_chart, load_exceptions, load_groups
from knowledge.controllists.model import ControlList
from knowledge.controllists.sections import Sections, load_sections
from knowledge.controllists.titles import Name, load_names
from knowledge.model import Text


@dataclass(frozen=True, eq=False)
class UnitedStates:
    """Everything is read at first use. `compiled` is the list compiled from the live official text, where there is one."""

    compiled: ControlList | None = None
    cache: Path | None = field(default=None, repr=False)

    @cached_property
    def ccl(self) -> ControlList:
        """The Commerce Control List that answers."""
        return self.compiled or load_ccl()

    @cached_property
    def chart(self) -> CountryChart:
        """The Country Chart."""
        return load_chart()

    @cached_property
    def groups(self) -> CountryGroups:
        """The Country Groups."""
        return load_groups()

    @cached_property
    def exceptions(self) -> Mapping[str, Any]:
        """The catalogue of licence exceptions by symbol."""
        return load_exceptions()

    @cached_property
    def names(self) -> Mapping[str, Name]:
        """Titles and trade names of the entries, in our words."""
        return load_names(self.cache)

    @cached_property
    def sections(self) -> Sections:
        """What sections that table rows point to say of destinations."""
        return load_sections()

    def title(self, code: str) -> Text:
        """What the entry covers, in our words; the code itself where nobody has written any."""
        name = self.names.get(code)
        return name.title if name else {"en": code, "zh": code}
