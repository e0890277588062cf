"""How the model is written in a language: numbers, formulas, and the marked parts of a document."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from bills import Model

WORDS = {
    "en": {},
    "pt": {
        "max": "máx",
        "min": "mín",
        "million": "milhão",
        "steps": "faixas",
        "free": "grátis",
        "to": "até",
        "then": "depois",
    },
}


class Language:
    """Numbers, prices and formulas in one language."""

    def __init__(self, model: Model, code: str):
        self.model = model
        self.code = code

    def said(self, entry: dict | str) -> str | list[str]:
        return entry if isinstance(entry, str) else entry[self.code]

    def word(self, word: str) -> str:
        return WORDS[self.code].get(word, word)

    def number(self, value: float, decimals: int) -> str:
        # In a binary number, half a cent is a little more or less: it is rounded up all the same.
        exact = Decimal(f"{value:.10f}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        written = f"{exact:,}".replace("-", "−")
        return written.translate(str.maketrans(",.", ".,")) if self.code == "pt" else written

    def money(self, value: float) -> str:
        return self.number(value, 0 if value == 0 or abs(value) >= 99.995 else 2)

    def plain(self, value: float, least: int = 0) -> str:
        """All decimals that the value has, and at least so many."""
        decimals = len(f"{value:.10f}".rstrip("0").partition(".")[2])
        return self.number(value, max(decimals, least))

    def crowd(self, users: float) -> str:
        if users < 1_000_000:
            return self.plain(users) if self.code == "en" else f"{self.plain(users / 1_000)} mil"
        millions = "million" if self.code == "en" else "milhão" if users == 1_000_000 else "milhões"
        return f"{self.plain(users / 1_000_000)} {millions}"

    def price(self, item: dict) -> str:
        """A price, as the table of prices says it."""
        if "value" in item:
            asked = self.plain(item["value"], 2 if item["value"] % 1 else 0)
        else:
            asked = f", {self.word('then')} ".join(self.step(*step) for step in item["steps"])
        return self.said(item).format(asked)

    def step(self, limit: float, price: float) -> str:
        asked = self.plain(price, 2) if price else self.word("free")
        return asked if math.isinf(limit) else f"{asked} {self.word('to')} {self.crowd(limit)}"

    def formula(self, formula: str) -> str:
        """A formula with the values of its names in it."""

        def shown(found: re.Match) -> str:
            name = found[0]
            if name in self.model.steps:
                return self.word("steps")
            if name in ("N", "KB", "max", "min", "million"):
                return self.word(name)
            if name.startswith("idle_"):
                return self.money(self.model.names[name])
            value = self.model.names[name] if name in self.model.names else float(name)
            return self.plain(value, 2 if name in self.model.prices and value % 1 else 0)

        text = re.sub(r"[A-Za-z_]\w*|\d[\d.]*", shown, formula.replace(", ", "; "))
        return text.replace(" * KB", " KB").replace(" * ", "×").replace(" / ", "/").replace("-", "−")


def written(text: str, language: Language, tables: dict) -> str:
    """A document with its tables and figures as they follow from the model."""

    def table(found: re.Match) -> str:
        head, rows = tables[found[1]](language)
        lines = [f"| {' | '.join(line)} |" for line in [head, *rows]]
        lines.insert(1, "|---" * len(head) + "|")
        return "\n".join([f"<!-- table {found[1]} -->", *lines, "<!-- end -->"])

    def figure(found: re.Match) -> str:
        _, point, decimals = found[1].partition("," if language.code == "pt" else ".")
        value = language.model.figure(found[2])
        return f"{language.number(value, len(decimals) if point else 0)}<!-- {found[2]} -->"

    text = re.sub(r"<!-- table (\w+) -->\n.*?<!-- end -->", table, text, flags=re.DOTALL)
    return re.sub(r"(\d(?:[\d.,]*\d)?)<!-- (.+?) -->", figure, text)
