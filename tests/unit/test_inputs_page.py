"""docs/inputs.md says of each file under tests/inputs/ what its test does."""

from inputs.cases import PAGE, page


def test_the_page_is_that_of_the_cases():
    assert PAGE.read_text(encoding="utf-8") == page(), "python tests/inputs/cases.py writes it anew"
