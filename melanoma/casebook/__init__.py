"""The casebook: lesions over time, readings, answers and outcomes, in SQL."""
