"""The commands of `python -m melanoma`: arguments in, words out. `melanoma.cli` lists them."""
