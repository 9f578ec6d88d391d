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
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.strips import strips
from bital.report.verdict import procedure
from bital.report.voice import Voice
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
    say, better = Voice(result.language), account.compared(result).better
    said = [say("Higher is better.") if better == "higher" else say("Lower is better.")]
    if len(result.arms) > 1:
        said.append(say("★ best mean."))
    if len(result.units) > 1:
        said.append(
            say(
                "Mean ± standard deviation over {runs}. The interval is of the mean "
                "(BCa bootstrap, 95 %), for one arm alone; whether arms differ is decided below, "
                "by paired differences.",
                runs=account.runs(result),
            )
        )
    if result.verdict is not None:
        said.append(
            say(
                "Chance of best: how often an arm has the best mean when the seeds are drawn again."
            )
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
    say, column = Voice(result.language), account.compared(result)
    reading, to_tell = say("reading"), say("seeds to tell")
    if result.units[0].fold is not None:
        to_tell = say("folds to tell")
    level = percent(verdict.procedure.level)
    drawn = forest(result, verdict)
    headings = [
        *(say("arm"), say("mean difference"), say("{level} interval", level=level)),
        *(say("effect size"), "p", reading, to_tell),
    ]
    rows: list[list[str | Cell]] = [list(row) for row in differences(result, verdict)]
    table = sheet(headings, rows, frozenset({reading}))
    which = say("the chosen baseline") if verdict.chosen else say("the arm of the best mean")
    intro = say(
        "Each arm's {column} minus that of {reference}, {which}, {unit} by {unit}; {worse} is "
        "worse.",
        column=column.label,
        reference=account.labels(result)[verdict.reference],
        which=which,
        unit=account.variable(result),
        worse=say("negative") if column.better == "higher" else say("positive"),
    )
    key = say(
        "Small dots: the difference on each {unit}. Large dot and bar: their mean and its "
        "interval.",
        unit=account.variable(result),
    )
    if verdict.procedure.margin is not None:
        key = f"{key} {say('The band is the margin.')}"
    legend = say(
        "The interval is Student's, for each arm on its own; p and reading are corrected for the "
        "number of comparisons. {procedure} Effect size: the mean difference in standard "
        "deviations of the differences (Hedges). {to_tell}: how many it would take, in four of "
        "five repetitions, were the observed difference the true one, a rough guide; only more "
        "data where shared rows are what limits.",
        procedure=procedure(result, verdict),
        to_tell=to_tell.capitalize(),
    )
    figures = (Drawing((drawn,)), Prose(key, "key")) if drawn else ()
    return Section(say("Differences"), (Prose(intro), *figures, table, Prose(legend, "legend")))


def _runs(result: StudyResult) -> Section | None:
    drawn = strips(result) if len(result.units) > 1 else ""
    if not drawn:
        return None
    say = Voice(result.language)
    said = say(
        "Each dot is one run. A line joins the runs of one {unit}: same split, same batch "
        "order, same stream of initial randomness. Where lines run side by side, a lucky seed was "
        "lucky for all, which pairing takes out; where they cross, single runs contradict each "
        "other. The bar and the number are the mean.",
        unit=account.variable(result),
    )
    return Section(say("Every run"), (Prose(said), Drawing((drawn,))))


def _single(result: StudyResult) -> Section | None:
    said, table = single.sentence(result), published.published(result)
    if not said and table is None:
        return None
    say = Voice(result.language)
    blocks: list[Prose | Sheet] = [Prose(said)] if said else []
    if table is not None:
        blocks += [Prose(text) for text in published.sentences(result)]
        blocks += [
            table,
            Prose(
                say(
                    "Published: {column} as someone published it, of one run each. ↑ above, ↓ "
                    "below every run of ours; a run like ours would be so in two of {cases} "
                    "cases. Ranks, among the arms with a published figure: of the figures, of our "
                    "means, and the best and worst that an arm had with one seed.",
                    column=account.compared(result).label,
                    cases=len(result.units) + 1,
                ),
                "legend",
            ),
        ]
    return Section(say("What one run would have said"), tuple(blocks))


def _curves(result: StudyResult) -> Section | None:
    drawn = quantities(result)
    if not drawn:
        return None
    say, count = Voice(result.language), len(result.units)
    key = say("line: one run")
    if count > 1:
        key = say("line: median over {count} runs; band: 25th to 75th percentile", count=count)
    legend = say(
        "Training values are means over the steps of an epoch, with dropout on and weights moving, "
        "so they can lie on the worse side of validation. A run that diverged or stopped early "
        "leaves its curve there."
    )
    figures: list[Drawing] = []
    for each in drawn:
        found = panels(result, each)
        captions = tuple(_caption(result, arm) for arm in result.arms if arm.name in found)
        title = each.label
        if logarithmic(result, each):
            title = say("{quantity} (logarithmic axis)", quantity=title)
        figures.append(Drawing(tuple(found.values()), captions, title, "" if figures else key))
    return Section(say("Learning curves"), (*figures, Prose(legend, "legend")))


def _logged(result: StudyResult) -> Section | None:
    table = logged(result)
    if table is None:
        return None
    say = Voice(result.language)
    said = say(
        "What the models logged besides: means over runs, in the first epoch and in the last."
    )
    return Section(say("Also logged"), (table, Prose(said, "legend")))


def _caption(result: StudyResult, arm: ArmResult) -> str:
    scores = arm.scores[account.compared(result).key]
    lost = int(np.count_nonzero(~np.isfinite(scores)))
    if not lost:
        return arm.label
    say = Voice(result.language)
    return f"{arm.label} ({say('diverged {lost}/{runs}', lost=lost, runs=len(scores))})"


def _optimism(result: StudyResult) -> Section | None:
    found = optimism.optimisms(result)
    if not found:
        return None
    say = Voice(result.language)
    said = say(
        "How much better than its {column} each arm would look if the best epoch's validation "
        "score were quoted for it: above zero it flatters, by the luck of choosing and by "
        "whatever the last epochs lost.",
        column=optimism.held_against(result),
    )
    return Section(say("Best-epoch optimism"), (Prose(said), optimism.table(result, found)))


def _costs(result: StudyResult) -> Section | None:
    if not result.arms:
        return None
    say = Voice(result.language)
    said = f"{account.measures(result)} {say('Time: {times}', times=account.times(result))}"
    return Section(say("Other scores, size and time"), (costs(result), Prose(said, "legend")))


def _run(result: StudyResult) -> Section:
    say, card = Voice(result.language), result.data
    facts = {
        say("data"): f"{card.name}: {card.source}" if card.source else card.name,
        say("fingerprint"): card.fingerprint,
        say("rows"): account.rows(result),
        say("splits"): result.splits,
        say("input shape"): " × ".join(map(str, card.shape)),
        say("classes"): ", ".join(card.classes),
        say("seeds"): ", ".join(map(str, result.seeds)),
        say("runs at once"): ", ".join(arm.label for arm in result.arms if arm.packed),
        say("runs in turn"): ", ".join(arm.label for arm in result.arms if not arm.packed),
        say("from the store"): say.count(result.reused, "run") if result.reused else "",
    }
    headings = [say("arm"), say("layers"), say("optimizer"), say("epochs"), say("batch size")]
    arms = [
        [arm.label, arm.summary, arm.optimizer, f"{arm.epochs:,}", f"{arm.batch_size:,}"]
        for arm in result.arms
    ]
    table = (sheet(headings, [list(row) for row in arms], frozenset(headings[:3])),) if arms else ()
    spec = json.dumps(plain(dict(result.plain)), ensure_ascii=False, indent=1)
    exact = Code(spec, say("Exact specification"), folded=True)
    rerun = Code(again(result), say("Run it again"))
    return Section(say("What was run"), (Facts(facts), *table, rerun, exact))


def _environment(result: StudyResult) -> Section | None:
    title = Voice(result.language)("Environment")
    return Section(title, (Facts(result.environment),)) if result.environment else None


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
