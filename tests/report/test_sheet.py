import re

from bital.report.sheet import Cell, escaped, html, markdown, sheet

TABLE = sheet(
    ["arm", "mean", "reading"],
    [
        ["L2 <b>|x|", Cell("0.98", "± 0.01", "best"), "better"],
        ["드롭아웃", Cell("diverged 1/2", kind="bad"), ""],
    ],
    frozenset({"reading"}),
)


def test_html_says_which_cells_head_what():
    said = html(TABLE)
    assert said.count('scope="col"') == 3
    assert re.findall(r'<th scope="row">(.*?)</th>', said) == ["L2 &lt;b&gt;|x|", "드롭아웃"]
    assert '<td class="number best"><b>★ 0.98</b> <span class="spread">± 0.01</span></td>' in said
    assert '<td class="number bad">diverged 1/2</td>' in said
    assert "<td>better</td>" in said


def test_markdown_is_a_table_that_texts_cannot_break():
    lines = markdown(TABLE).splitlines()
    assert lines == [
        "| arm | mean | reading |",
        "| --- | ---: | --- |",
        "| L2 \\<b\\>\\|x\\| | **0.98** ± 0.01 | better |",
        "| 드롭아웃 | **diverged 1/2** |  |",
    ]


def test_text_is_one_line_without_markup():
    assert escaped("a\n| b_c* [d](e) `f` <g>") == "a \\| b\\_c\\* \\[d\\](e) \\`f\\` \\<g\\>"
