"""The model of cost.toml, evaluated."""

import collections.abc
import functools
import math
import pathlib
import tomllib


class Model:
    """Quantities, prices and bills, and what follows from them."""

    def __init__(self, data: dict):
        self.data = data
        self.users = data["users"]
        self.bills = {bill["id"]: bill["line"] for bill in data["bill"]}
        self.variations = {each["id"]: each for each in data["variation"] if "id" in each}
        self.rivals = {rival["id"]: rival for rival in data["rival"] if "id" in rival}
        prices = {item["name"]: item for price in data["price"] for item in price["items"]}
        self.prices = {name: item["value"] for name, item in prices.items() if "value" in item}
        self.steps = {name: item["steps"] for name, item in prices.items() if "steps" in item}
        self.names = {"million": 1_000_000, "KB": 1e-6, "max": max, "min": min, "ceil": math.ceil, **self.prices}
        self.names |= {name: functools.partial(at_steps, steps) for name, steps in self.steps.items()}
        for name, formula in data["quantities"].items():
            self.names[name] = self.value(formula)
        self.names |= {line["id"]: self.value(line["full"]) for line in data["idle"] if "id" in line}
        for column in ("full", "minimal"):
            self.names[f"idle_{column}"] = sum(self.value(line[column]) for line in data["idle"])

    @classmethod
    def read(cls) -> "Model":
        return cls(tomllib.loads(pathlib.Path(__file__).with_name("cost.toml").read_text()))

    def value(self, formula: str | float, **names: object) -> float:
        """A formula's value; `names` are those that it may use beside the model's. Formulas are written by us, in
        cost.toml and the documents, and are evaluated as Python."""
        return eval(str(formula), {"__builtins__": {}}, self.names | names)

    def line(self, line: dict, users: float) -> float:
        """What a line of a bill, a rival or a variation comes to at this number of users."""
        written = line["sum"]
        formula = written if isinstance(written, str) else written[self.users.index(users)]
        return self.value(formula, N=users, **self.parts(users))

    def parts(self, users: float) -> dict[str, float]:
        """The lines of bills that other formulas name."""
        named = [line for bill in self.bills.values() for line in bill if "id" in line]
        return {line["id"]: self.value(line["sum"], N=users) for line in named}

    def total(self, name: str, users: float) -> float:
        """What a bill comes to, or what a rival asks."""
        return sum(self.line(line, users) for line in self.bills.get(name) or [self.rivals[name]])

    def crossing(self, bill: str, rival: str) -> float:
        """The number of users from which the bill is lower than the rival's."""
        return first(lambda users: self.total(bill, users) <= self.total(rival, users))

    def reaching(self, bill: str, amount: float) -> float:
        """The number of users from which the bill is higher than the amount."""
        return first(lambda users: self.total(bill, users) >= amount)

    def change(self, name: str, users: float) -> float:
        """By how much a variation changes the complete bill."""
        return self.line(self.variations[name], users)

    def edge(self, users: float) -> float:
        """What CloudFront and its web ACL cost by use."""
        of_use = [amount for name, amount in self.parts(users).items() if name.startswith("edge_")]
        return sum(of_use) + self.names["web_acl"]

    def figure(self, formula: str) -> float:
        """The value of a formula in the text of a document."""
        small, medium, large = self.users
        return self.value(
            formula,
            **{name: name for name in [*self.bills, *self.rivals, *self.variations]},
            **{"small": small, "medium": medium, "large": large},
            total=self.total,
            crossing=self.crossing,
            reaching=self.reaching,
            change=self.change,
            edge=self.edge,
            about=lambda value, unit: round(value / unit) * unit,
        )


def first(holds: collections.abc.Callable[[float], bool]) -> float:
    """The least number of users for which this holds, if it holds for all beyond it."""
    low, high = 1.0, 10_000_000.0
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def at_steps(steps: list[list[float]], quantity: float) -> float:
    """The price of a quantity of which each part costs what its step says."""
    total, below = 0.0, 0
    for limit, price in steps:
        total += max(0, min(quantity, limit) - below) * price
        below = limit
    return total
