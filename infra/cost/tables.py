"""The tables that documents can name: each gives its head and its rows, as cells."""

from pages import Language

Table = tuple[list[str], list[list[str]]]


def prices(page: Language) -> Table:
    head = page.said({"en": ["service", "price", "known in"], "pt": ["serviço", "preço", "conhecido em"]})
    rows = []
    for price in page.model.data["price"]:
        asked = "; ".join(page.price(item) for item in price["items"])
        rows.append([page.said(price["service"]), asked, page.said(price["known"])])
    return head, rows


def activity(page: Language) -> Table:
    head = page.said({"en": ["what", "times", "requests here"], "pt": ["o que faz", "vezes", "chamadas aqui"]})
    rows = []
    for each in page.model.data["activity"]:
        rows.append([page.said(each), *(page.plain(page.model.value(each[column])) for column in ("times", "calls"))])
    return head, [*rows, ["**total**", "", f"**{page.plain(page.model.value('requests'))}**"]]


def operations(page: Language) -> Table:
    head = page.said({"en": ["operation", "calls", "WRU", "RRU"], "pt": ["operação", "chamadas", "WRU", "RRU"]})

    def counted(name: str) -> str:
        value = f"**{page.plain(page.model.value(name))}**"
        formula = str(page.model.data["quantities"].get(name))
        return f"{formula.replace(' ', '')} = {value}" if "+" in formula else value

    each = page.model.data["operation"]
    return head, [[*page.said(one), counted(one["writes"]), counted(one["reads"])] for one in each]


def idle(page: Language) -> Table:
    head = page.said(
        {"en": ["line", "formula", "complete", "minimal"], "pt": ["linha", "fórmula", "completa", "mínima"]}
    )
    rows = []
    for line in page.model.data["idle"]:
        amounts = [page.money(page.model.value(line[column])) for column in ("full", "minimal")]
        rows.append([page.said(line), page.formula(line["full"]), *amounts])
    totals = [page.money(page.model.value(f"idle_{column}")) for column in ("full", "minimal")]
    return head, [*rows, ["**total**", "", *(f"**{total}**" for total in totals)]]


def bill(page: Language, name: str) -> Table:
    head = page.said({"en": ["line", "formula"], "pt": ["linha", "fórmula"]})
    rows = [computed(page, line) for line in page.model.bills[name]]
    totals = [f"**{page.money(page.model.total(name, users))}**" for users in page.model.users]
    return [*head, *crowds(page)], [*rows, ["**total**", "", *totals]]


def places(page: Language) -> Table:
    head = page.said({"en": ["what answers requests", "formula"], "pt": ["quem responde", "fórmula"]})
    return [*head, *crowds(page)], [computed(page, place) for place in page.model.data["place"]]


def computed(page: Language, line: dict) -> list[str]:
    """A line with its formulas and what they come to."""
    formulas = [line["sum"]] if isinstance(line["sum"], str) else dict.fromkeys(line["sum"])
    amounts = [page.money(page.model.line(line, users)) for users in page.model.users]
    return [page.said(line), "; ".join(page.formula(formula) for formula in formulas), *amounts]


def rivals(page: Language) -> Table:
    rows = []
    for rival in page.model.data["rival"]:
        name = rival.get("bill") or rival["id"]
        amounts = [page.money(page.model.total(name, users)) for users in page.model.users]
        cells = page.said(rival["cells"]) if "cells" in rival else ["{}"] * len(amounts)
        rows.append([page.said(rival), *(cell.format(amount) for cell, amount in zip(cells, amounts, strict=True))])
    return ["", *crowds(page)], rows


def variations(page: Language) -> Table:
    rows = []
    for each in page.model.data["variation"]:
        changes = [page.model.line(each, users) for users in page.model.users]
        rows.append([page.said(each), *(("+" if change > 0 else "") + page.money(change) for change in changes)])
    return [page.said({"en": "variation", "pt": "variação"}), *crowds(page)], rows


def crowds(page: Language) -> list[str]:
    return [page.crowd(users) for users in page.model.users]


TABLES = {
    "prices": prices,
    "activity": activity,
    "operations": operations,
    "idle": idle,
    "full": lambda page: bill(page, "full"),
    "minimal": lambda page: bill(page, "minimal"),
    "own": lambda page: bill(page, "own"),
    "places": places,
    "rivals": rivals,
    "variations": variations,
}
