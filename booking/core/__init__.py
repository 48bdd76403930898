"""The rules of the house: pure values and functions, without clock, database or web."""
