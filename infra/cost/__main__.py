"""Writes what a month costs into the documents: python3 infra/cost [--check].

The model is in cost.toml. In a document, the lines between `<!-- table NAME -->` and `<!-- end -->` are a table that is
written here. A figure before a comment, such as `184<!-- total(full, medium) -->`, is the value of that formula, and
keeps its number of decimals. Prints what was different. With `--check` nothing is written, and a difference fails.
"""

import sys

from documents import correct, differences


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit("usage: python3 infra/cost [--check]")
    different = list(differences())
    print("\n".join(different) if different else "The documents say what the model says.")
    if not check:
        correct()
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
