"""What a report says, section by section: one content for the page and for Markdown."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bital.report import account, optimism, published, single
from bital.report.again import again
from bital.report.document import plain
from bital.report.figures import logarithmic, panels, quantities
from bital.report.forest import differences, forest
from bital.report.logged import logged
from bital.report.number import percent
from bital.report.outcome import costs, outcome
from bital.report.sheet import Sheet, sheet
from bital.report.strips import strips
from bital.report.verdict import procedure
from bital.study.result import ArmResult, StudyResult


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: str
    kind: str = ""
    """"legend" for small print, "key" for small print that only figures need"""


@dataclass(frozen=True)
class Drawing:
    """Figures; only a page shows them."""

    svgs: tuple[str, ...]
    captions: tuple[str, ...] = ()
    """one each, or none"""
    title: str = ""
    key: str = ""
    """what the lines' colours mean is said before this"""


@dataclass(frozen=True)
class Facts:
    """Things and what they are."""

    said: dict[str, str]
    title: str = ""


@dataclass(frozen=True)
class Code:
    """Text to be kept as it is."""

    text: str
    title: str
    folded: bool = False
    """a page shows its title alone until it is asked for"""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Prose | Sheet | Drawing | Facts | Code, ...]


def sections(result: StudyResult) -> list[Section]:
    """Return what there is to say of a result, also an interrupted one."""
    return [made for section in SECTIONS if (made := section(result)) is not None]


def _scores(result: StudyResult) -> Section | None:
    if not result.arms:
        return None
    better = account.compared(result).better
    said = [f"{better.capitalize()} is better."]
    if len(result.arms) > 1:
        said.append("★ best mean.")
    if len(result.units) > 1:
        said.append(
            f"Mean ± standard deviation over {account.runs(result)}. The interval is of the mean "
            "(BCa bootstrap, 95 %), for one arm alone; whether arms differ is decided below, by "
            "paired differences."
        )
    if result.verdict is not None:
        said.append(
            "Chance of best: how often an arm has the best mean when the seeds are drawn again."
        )
    title = account.compared(result).label
    return Section(
        title[0].upper() + title[1:],
        (outcome(result), Prose(" ".join(said), "legend")),
    )


def _differences(result: StudyResult) -> Section | None:
    verdict = result.verdict
    if verdict is None:
        return None
    column = account.compared(result)
    worse = "negative" if column.better == "higher" else "positive"
    reference = account.labels(result)[verdict.reference]
    which = "the chosen baseline" if verdict.chosen else "the arm of the best mean"
    level = percent(verdict.procedure.level)
    counted = "seeds" if result.units[0].fold is None else "folds"
    drawn = forest(result, verdict)
    headings = [
        *("arm", "mean difference", f"{level} interval", "effect size", "p", "reading"),
        f"{counted} to tell",
    ]
    table = sheet(headings, [list(row) for row in differences(result, verdict)],
                  frozenset({"reading"}))  # fmt: skip
    intro = (
        f"Each arm's {column.label} minus that of {reference}, {which}, {account.variable(result)} "
        f"by {account.variable(result)}; {worse} is worse."
    )
    band = "" if verdict.procedure.margin is None else " The band is the margin."
    key = (
        f"Small dots: the difference on each {account.variable(result)}. Large dot and bar: their "
        f"mean and its interval.{band}"
    )
    legend = (
        "The interval is Student's, for each arm on its own; p and reading are corrected for the "
        f"number of comparisons. {procedure(result, verdict)} Effect size: the mean difference in "
        f"standard deviations of the differences (Hedges). {counted.capitalize()} to tell: how "
        "many it would take, in four of five repetitions, were the observed difference the true "
        "one, a rough guide; only more data where shared rows are what limits."
    )
    figures = (Drawing((drawn,)), Prose(key, "key")) if drawn else ()
    return Section("Differences", (Prose(intro), *figures, table, Prose(legend, "legend")))


def _runs(result: StudyResult) -> Section | None:
    drawn = strips(result) if len(result.units) > 1 else ""
    if not drawn:
        return None
    shared = account.variable(result)
    said = (
        f"Each dot is one run. A line joins the runs of one {shared}: same split, same batch "
        "order, same stream of initial randomness. Where lines run side by side, a lucky seed was "
        "lucky for all, which pairing takes out; where they cross, single runs contradict each "
        "other. The bar and the number are the mean."
    )
    return Section("Every run", (Prose(said), Drawing((drawn,))))


def _single(result: StudyResult) -> Section | None:
    said, table = single.sentence(result), published.published(result)
    if not said and table is None:
        return None
    blocks: list[Prose | Sheet] = [Prose(said)] if said else []
    if table is not None:
        blocks += [Prose(text) for text in published.sentences(result)]
        blocks += [
            table,
            Prose(
                f"Published: {account.compared(result).label} as someone published it, of one run "
                "each. ↑ above, ↓ below every run of ours; a run like ours would be so in two of "
                f"{len(result.units) + 1} cases. Ranks, among the arms with a published figure: of "
                "the figures, of our means, and the best and worst that an arm had with one seed.",
                "legend",
            ),
        ]
    return Section("What one run would have said", tuple(blocks))


def _curves(result: StudyResult) -> Section | None:
    drawn = quantities(result)
    if not drawn:
        return None
    count = len(result.units)
    over = f"median over {count} runs; band: 25th to 75th percentile" if count > 1 else "one run"
    key = f"line: {over}"
    legend = (
        "Training values are means over the steps of an epoch, with dropout on and weights moving, "
        "so they can lie on the worse side of validation. A run that diverged or stopped early "
        "leaves its curve there."
    )
    figures: list[Drawing] = []
    for each in drawn:
        found = panels(result, each)
        captions = tuple(_caption(result, arm) for arm in result.arms if arm.name in found)
        title = each.label + (" (logarithmic axis)" if logarithmic(result, each) else "")
        figures.append(Drawing(tuple(found.values()), captions, title, "" if figures else key))
    return Section("Learning curves", (*figures, Prose(legend, "legend")))


def _logged(result: StudyResult) -> Section | None:
    table = logged(result)
    if table is None:
        return None
    said = "What the models logged besides: means over runs, in the first epoch and in the last."
    return Section("Also logged", (table, Prose(said, "legend")))


def _caption(result: StudyResult, arm: ArmResult) -> str:
    scores = arm.scores[account.compared(result).key]
    lost = int(np.count_nonzero(~np.isfinite(scores)))
    return f"{arm.label} (diverged {lost}/{len(scores)})" if lost else arm.label


def _optimism(result: StudyResult) -> Section | None:
    found = optimism.optimisms(result)
    if not found:
        return None
    said = (
        f"How much better than its {optimism.held_against(result)} each arm would look if the best "
        "epoch's validation score were quoted for it: above zero it flatters, by the luck of "
        "choosing and by whatever the last epochs lost."
    )
    return Section("Best-epoch optimism", (Prose(said), optimism.table(result, found)))


def _costs(result: StudyResult) -> Section | None:
    if not result.arms:
        return None
    said = f"{account.measures(result)} Time: {account.times(result)}"
    return Section("Other scores, size and time", (costs(result), Prose(said, "legend")))


def _run(result: StudyResult) -> Section:
    card = result.data
    facts = {
        "data": f"{card.name}: {card.source}" if card.source else card.name,
        "fingerprint": card.fingerprint,
        "rows": ", ".join(f"{count:,} {split}" for split, count in card.rows.items()),
        "splits": result.splits,
        "input shape": " × ".join(map(str, card.shape)),
        "classes": ", ".join(card.classes),
        "seeds": ", ".join(map(str, result.seeds)),
        "runs at once": ", ".join(arm.label for arm in result.arms if arm.packed),
        "runs in turn": ", ".join(arm.label for arm in result.arms if not arm.packed),
        "from the store": f"{result.reused:,} runs" if result.reused else "",
    }
    headings = ["arm", "layers", "optimizer", "epochs", "batch size"]
    arms = [
        [arm.label, arm.summary, arm.optimizer, f"{arm.epochs:,}", f"{arm.batch_size:,}"]
        for arm in result.arms
    ]
    table = (sheet(headings, [list(row) for row in arms], frozenset(headings[:3])),) if arms else ()
    spec = json.dumps(plain(dict(result.plain)), ensure_ascii=False, indent=1)
    exact = Code(spec, "Exact specification", folded=True)
    rerun = Code(again(result), "Run it again")
    return Section("What was run", (Facts(facts), *table, rerun, exact))


def _environment(result: StudyResult) -> Section | None:
    return Section("Environment", (Facts(result.environment),)) if result.environment else None


SECTIONS: tuple[Callable[[StudyResult], Section | None], ...] = (
    _scores,
    _differences,
    _runs,
    _single,
    _curves,
    _logged,
    _optimism,
    _costs,
    _run,
    _environment,
)
