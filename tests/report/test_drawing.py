from xml.etree import ElementTree

from bital.report.axis import axis
from bital.report.drawing import NAMESPACE, band, dot, figure, headed, line, scale, text, wrapped


def test_a_figure_is_whole_xml_with_real_text():
    evil = '<b> & "드롭아웃"'
    parts = [
        text(1, 2, evil, "name"),
        line((0, 1), (100, 2), "pair"),
        dot(50, 3, 4, said=evil),
        dot(50, 3, 4),
        band(10, 20, 30, "margin"),
    ]
    root = ElementTree.fromstring(figure("strips", evil, 30, parts))
    assert root.tag == f"{{{NAMESPACE}}}svg"
    assert root.get("aria-label") == evil
    assert root.get("role") == "img"
    assert root.get("viewBox") is None  # letters keep their size on a phone
    assert root.find(f"{{{NAMESPACE}}}text").text == evil
    assert root.find(f"{{{NAMESPACE}}}circle/{{{NAMESPACE}}}title").text == evil
    assert root.find(f"{{{NAMESPACE}}}line").get("x2") == "100.00%"


def test_a_scale_numbers_its_ticks():
    along = axis([-0.02, 0.02])
    said = "".join(scale(along, 10, "accuracy", difference=True))
    for number in ("−0.02", "−0.01", ">0.00<", "+0.01", "+0.02", "accuracy"):
        assert number in said
    assert ">0.96<" in "".join(scale(axis([0.96, 0.98]), 10, "accuracy")).replace("0.960", "0.96")


def test_labels_break_where_a_phone_ends():
    assert wrapped("L2", "worse") == ["L2"]
    assert wrapped("one hidden layer fewer", "not distinguishable") == ["one hidden layer fewer"]
    assert wrapped("one hidden layer fewer, or two", "not distinguishable") == [
        "one hidden layer fewer, or two",
        "",
    ]
    hangul = wrapped("초기화: 헤 정규분포로 시작하는 아주 긴 이름의 모형", "worse")
    assert hangul == ["초기화: 헤 정규분포로 시작하는 아주 긴", "이름의 모형"]
    assert wrapped("", "worse") == [""]


def test_a_longer_label_moves_the_row_down():
    short, below = headed(10, "L2", "worse", "said")
    long, further = headed(10, "word " * 20, "worse", "said")
    assert (len(short), len(long)) == (2, 4)
    assert further - below == 2 * 17
