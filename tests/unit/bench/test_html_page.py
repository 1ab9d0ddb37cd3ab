"""The page stands alone, shows every figure, and takes no word of a record for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from records import HOSTILE, made_up

from workbench.bench import account, drawing, history
from workbench.bench.page import page

VOID = {"meta", "link", "br", "img"}


class Reader(HTMLParser):
    """Elements with their attributes, the text, and whether every element was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def record():
    return made_up()


@pytest.fixture(scope="module")
def read(record):
    reader = Reader()
    reader.feed(page(record))
    return reader


def test_the_page_is_well_formed(read):
    assert read.open == []
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_the_page_needs_nothing_but_itself(record, read):
    assert not re.search(r"https?://|url\(|@import|src=", page(record))
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed"}
    addresses = [attributes.get("href", "") or "" for _, attributes in read.elements]
    assert all(address == "" or address.startswith(("#", "data:")) for address in addresses)


def test_words_of_the_record_are_never_markup(record, read):
    assert "<script" not in page(record)
    assert read.text.count(HOSTILE) >= 4  # machine, a note, a name, what is missing


def test_every_figure_and_every_bound_is_shown(record, read):
    for figure in record["figures"]:
        assert figure["name"] in read.text
    assert "not measured" in read.text
    assert "≥ 2.5 ×" in read.text


def test_the_page_has_both_themes_and_a_print_style(record):
    assert "prefers-color-scheme:dark" in page(record)
    assert "@media print" in page(record)


def test_a_record_without_figures_has_a_page_too():
    empty = page(history.new_record())
    assert "<svg" not in empty
    assert "not measured" in empty


@pytest.mark.parametrize("standalone", [False, True])
def test_every_plot_is_well_formed_and_inside_its_frame(record, standalone):
    plots = [plot for part in account.sections(record) for plot in part.plots]
    assert {plot.name for plot in plots} == {"ratios", "training", "scaling-1", "startup"}
    for plot in plots:
        root = ElementTree.fromstring(plot.draw(standalone))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for element in root.iter():
            for name, most in (("x", width), ("cx", width), ("x2", width), ("cy", height)):
                place = float(element.attrib.get(name, 0))
                assert 0 <= place <= most, (plot.name, element.attrib)


def test_marks_stand_in_the_order_of_their_values():
    lanes = [
        drawing.Lane("group", str(value), [drawing.Mark(value, value / 2, value * 2)], bound=5.0)
        for value in (0.3, 1.0, 40.0)
    ]
    places = re.findall(r'<circle cx="([\d.]+)"', drawing.dots(lanes, "title"))
    assert [float(place) for place in places] == sorted(map(float, places))
    assert len(set(places)) == 3
    lengths = re.findall(r'<rect [^>]*width="([\d.]+)"', drawing.bars(lanes, "title"))
    assert [float(length) for length in lengths] == sorted(map(float, lengths))


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.123456, "0.123"), (48.04, "48.0"), (1234.5, "1,234"), (2.5e7, "2.50e7")],
)
def test_numbers_have_three_digits(value, said):
    assert drawing.number(value) == said
