"""The messages of reports in Korean, by the English that is said where they are said.

Labels and names come from users, so no particle that depends on the sound before it (은/는, 이/가,
을/를, 와/과) follows a place that one of them fills.
"""

KOREAN = {
    "{number} arm": "비교 대상 {number}개",
    "{number} seed": "시드 {number}개",
    "{number} repeat": "반복 {number}회",
    "{number} fold": "폴드 {number}개",
    "{number} run": "실행 {number}회",
    "{number} epoch": "{number} 에폭",
    "{name}: {arms}, {runs} each": "{name}: {arms}, 각각 {runs}",
    "Which of {count} arms does best on {data}?": (
        "{data} 데이터에서 비교 대상 {count}개 가운데 어느 것이 가장 좋습니까?"
    ),
    "No arm finished on {data}": "{data} 데이터에서 끝까지 실행된 비교 대상이 없습니다",
    "How well does {arm} do on {data}?": "{data} 데이터에서 성능은 얼마나 됩니까? ({arm})",
    (
        "Every arm had the same rows, splits, initial randomness and batch order. Each was "
        "trained {often} ({runs}), and compared on {column}."
    ): (
        "모든 비교 대상은 데이터 행, 분할, 초기 난수, 배치 순서가 같습니다. 각각 {often} "
        "훈련했고({runs}), 비교한 값은 {column}입니다."
    ),
    "{count} times": "{count}번",
    "once": "한 번",
    "seed {number}": "시드 {number}",
    "repeat {number}": "반복 {number}",
    "fold {number}": "폴드 {number}",
    "seed and fold": "시드와 폴드",
    "seed": "시드",
    "Scores are measured on the trained model, with dropout off.": (
        "점수는 훈련이 끝난 모델에서 드롭아웃을 끄고 측정했습니다."
    ),
    "Losses are cross-entropy without the L2 penalty, measured with dropout off.": (
        "손실은 L2 규제 항을 뺀 교차 엔트로피이며, 드롭아웃을 끄고 측정했습니다."
    ),
    (
        "MSE is in squared units of the target and MAE in its units, without the L2 penalty "
        "and with dropout off; the networks learned the target standardized by the training "
        "rows."
    ): (
        "MSE의 단위는 타깃 단위의 제곱, MAE의 단위는 타깃의 단위입니다. L2 규제 항을 빼고 "
        "드롭아웃을 끈 채 측정했고, 신경망은 훈련 행으로 표준화한 타깃을 학습했습니다."
    ),
    "{data}, rows {rows}; {training}.": "{data}, 행 수 {rows}; {training}.",
    "train": "훈련",
    "validation": "검증",
    "test": "테스트",
    "{number} {part}": "{part} {number}",
    "batch size {size}": "배치 크기 {size}",
    "{count} numbers of epochs": "에폭 수 {count}가지",
    "{count} batch sizes": "배치 크기 {count}가지",
    "{count} optimizers": "옵티마이저 {count}가지",
    " or ": " 또는 ",
    (
        "{whole} in all; {runs} came from the store. Training took {trained} in all (the "
        "seconds column)."
    ): (
        "전체 {whole}; {runs}의 결과는 저장소에서 가져왔습니다. 훈련에는 모두 {trained} "
        "걸렸습니다('초' 열)."
    ),
    (
        "{whole} in all, {trained} of it training (the seconds column); the rest is start-up, "
        "building and compiling."
    ): (
        "전체 {whole}, 그중 훈련 {trained}('초' 열). 나머지는 시작, 모델 생성, 컴파일에 든 "
        "시간입니다."
    ),
    "Interrupted: {done} of {asked} arms finished; the rest is not shown.": (
        "중단됨: 비교 대상 {asked}개 가운데 {done}개만 끝났고, 나머지는 표시하지 않습니다."
    ),
    "{arm} could not be trained: {why}": "훈련하지 못한 비교 대상: {arm} ({why})",
    "Higher is better.": "높을수록 좋습니다.",
    "Lower is better.": "낮을수록 좋습니다.",
    "★ best mean.": "★ 평균이 가장 좋음.",
    (
        "Mean ± standard deviation over {runs}. The interval is of the mean (BCa bootstrap, 95 "
        "%), for one arm alone; whether arms differ is decided below, by paired differences."
    ): (
        "{runs}의 평균 ± 표준편차입니다. 신뢰구간은 한 비교 대상만 보았을 때 평균의 구간(BCa "
        "부트스트랩, 95 %)이고, 서로 다른지는 아래에서 짝지은 차이로 판정합니다."
    ),
    "Chance of best: how often an arm has the best mean when the seeds are drawn again.": (
        "최고일 확률: 시드를 다시 뽑을 때 평균이 가장 좋은 비율입니다."
    ),
    "reading": "판정",
    "seeds to tell": "구별에 필요한 시드 수",
    "folds to tell": "구별에 필요한 폴드 수",
    "arm": "비교 대상",
    "mean difference": "평균 차이",
    "{level} interval": "{level} 신뢰구간",
    "effect size": "효과 크기",
    "the chosen baseline": "미리 정한 기준",
    "the arm of the best mean": "평균이 가장 좋은 비교 대상",
    (
        "Each arm's {column} minus that of {reference}, {which}, {unit} by {unit}; {worse} is "
        "worse."
    ): (
        "각 비교 대상의 {column}에서 기준의 값을 {unit}마다 뺀 차이입니다. 기준: "
        "{reference}({which}). 차이가 {worse}이면 더 나쁩니다."
    ),
    "negative": "음수",
    "positive": "양수",
    "Small dots: the difference on each {unit}. Large dot and bar: their mean and its interval.": (
        "작은 점: {unit}마다의 차이. 큰 점과 막대: 차이의 평균과 신뢰구간."
    ),
    "The band is the margin.": "띠는 허용 차이(margin)입니다.",
    (
        "The interval is Student's, for each arm on its own; p and reading are corrected for "
        "the number of comparisons. {procedure} Effect size: the mean difference in standard "
        "deviations of the differences (Hedges). {to_tell}: how many it would take, in four of "
        "five repetitions, were the observed difference the true one, a rough guide; only more "
        "data where shared rows are what limits."
    ): (
        "신뢰구간은 비교 대상마다 따로 구한 스튜던트 t 구간이고, p와 판정은 비교 횟수에 맞게 "
        "보정했습니다. {procedure} 효과 크기: 평균 차이를 차이의 표준편차로 나눈 값(Hedges). "
        "{to_tell}: 관측된 차이가 참이라면 다섯 번 가운데 네 번은 구별해 내는 데 필요한 수로, "
        "대략적인 안내입니다. 겹치는 행이 한계인 곳에는 '데이터가 더 필요'라고 적었습니다."
    ),
    "Differences": "짝지은 차이",
    (
        "Each dot is one run. A line joins the runs of one {unit}: same split, same batch "
        "order, same stream of initial randomness. Where lines run side by side, a lucky seed "
        "was lucky for all, which pairing takes out; where they cross, single runs contradict "
        "each other. The bar and the number are the mean."
    ): (
        "점 하나가 실행 한 번입니다. 선은 {unit}별로 실행을 이은 것으로, 분할, 배치 순서, 초기 "
        "난수가 같습니다. 선이 나란하면 운이 좋은 시드는 모두에게 좋았다는 뜻이고 이런 운은 "
        "짝지은 비교에서 빠집니다. 선이 엇갈리면 한 번씩만 실행한 결과들은 서로 어긋납니다. "
        "세로 막대와 숫자는 평균입니다."
    ),
    "Every run": "모든 실행",
    "What one run would have said": "한 번만 실행했다면",
    (
        "Published: {column} as someone published it, of one run each. ↑ above, ↓ below every "
        "run of ours; a run like ours would be so in two of {cases} cases. Ranks, among the "
        "arms with a published figure: of the figures, of our means, and the best and worst "
        "that an arm had with one seed."
    ): (
        "발표된 값: 누군가 한 번씩 실행해 발표한 {column}입니다. ↑는 우리 실행 모두보다 위, "
        "↓는 모두보다 아래이며, 우리와 같은 실행이라도 {cases}번 가운데 두 번은 그렇게 됩니다. "
        "순위는 발표된 값이 있는 비교 대상끼리 매긴 것으로, 발표된 값의 순위, 우리 평균의 "
        "순위, 시드 하나에서 가장 좋았던 순위와 가장 나빴던 순위입니다."
    ),
    "line: one run": "선: 실행 한 번",
    "line: median over {count} runs; band: 25th to 75th percentile": (
        "선: 실행 {count}회의 중앙값, 띠: 25-75 백분위수"
    ),
    (
        "Training values are means over the steps of an epoch, with dropout on and weights "
        "moving, so they can lie on the worse side of validation. A run that diverged or "
        "stopped early leaves its curve there."
    ): (
        "훈련 값은 드롭아웃이 켜져 있고 가중치가 변하는 동안 한 에폭의 스텝들을 평균한 것이라 "
        "검증 값보다 나쁘게 나올 수 있습니다. 발산했거나 일찍 멈춘 실행의 곡선은 그 자리에서 "
        "끝납니다."
    ),
    "{quantity} (logarithmic axis)": "{quantity}(로그 축)",
    "Learning curves": "학습 곡선",
    "What the models logged besides: means over runs, in the first epoch and in the last.": (
        "모델이 그 밖에 기록한 값: 첫 에폭과 마지막 에폭에서 실행들의 평균입니다."
    ),
    "Also logged": "그 밖의 기록",
    "diverged {lost}/{runs}": "발산 {lost}/{runs}",
    (
        "How much better than its {column} each arm would look if the best epoch's validation "
        "score were quoted for it: above zero it flatters, by the luck of choosing and by "
        "whatever the last epochs lost."
    ): (
        "가장 좋은 에폭의 검증 점수를 대신 인용하면 각 비교 대상이 자신의 {column}보다 얼마나 "
        "더 좋아 보이는지를 나타냅니다. 0보다 크면 실제보다 좋아 보이는 것으로, 에폭을 고르는 "
        "운과 마지막 에폭들에서 잃은 만큼이 들어 있습니다."
    ),
    "Best-epoch optimism": "최고 에폭의 낙관 편향",
    "Time: {times}": "시간: {times}",
    "Other scores, size and time": "그 밖의 점수, 크기, 시간",
    "data": "데이터",
    "fingerprint": "지문(SHA-256)",
    "rows": "행 수",
    "splits": "분할",
    "input shape": "입력 형태",
    "classes": "클래스",
    "seeds": "시드",
    "runs at once": "동시에 실행",
    "runs in turn": "차례로 실행",
    "from the store": "저장소에서 가져옴",
    "layers": "층",
    "optimizer": "옵티마이저",
    "epochs": "에폭",
    "batch size": "배치 크기",
    "Exact specification": "정확한 명세",
    "Run it again": "다시 실행하기",
    "What was run": "실행한 내용",
    "Environment": "환경",
    "epoch": "에폭",
    "{arm}: {quantity} by epoch": "{arm}: 에폭별 {quantity}",
    "{column} minus that of {reference}": "{column} 차이(기준: {reference})",
    "{title}, with {level} intervals": "{title}, {level} 신뢰구간",
    "only more data": "데이터가 더 필요",
    "{column} of every run, by {unit}": "모든 실행의 {column}, {unit}별",
    "parameters": "파라미터",
    "seconds": "초",
    "* best of its column": "* 열에서 가장 좋음",
    "± standard deviation over {runs}": "±는 {runs}의 표준편차",
    "Data: {data}": "데이터: {data}",
    "first": "첫째",
    "last": "마지막",
    "{low} to {high}": "{low} ~ {high}",
    "{seconds} s": "{seconds}초",
    "{minutes} min {seconds} s": "{minutes}분 {seconds}초",
    "Best-epoch optimism: quoting the best validation epoch would flatter {column} by {gaps}.": (
        "최고 에폭의 낙관 편향: 가장 좋은 검증 에폭의 점수를 인용하면 {column}보다 다음만큼 "
        "좋아 보입니다: {gaps}."
    ),
    "best epoch (median)": "최고 에폭(중앙값)",
    "optimism": "낙관 편향",
    "mean ± sd": "평균 ± 표준편차",
    "median": "중앙값",
    "chance of best": "최고일 확률",
    "baseline": "기준",
    "best mean": "평균 최고",
    "compiling": "컴파일(초)",
    "training": "훈련",
    "more seeds": "더 필요한 시드",
    "more repeats": "더 필요한 반복",
    "training of all arms": "모든 대상의 훈련 시간",
    "for {margin}": "차이 {margin} 기준",
    "Nothing can be planned: at least two arms with two runs each are needed.": (
        "계획할 수 없습니다. 비교 대상이 둘 이상이고 각각 두 번 이상 실행되어야 합니다."
    ),
    "{runs} so far ({source}), compared with {reference} on {column}": (
        "지금까지 {runs}({source}), {column} 비교(기준: {reference})"
    ),
    "{runs} made for this plan": "이 계획을 위해 {runs}",
    "all from the store": "모두 저장소에서",
    "{start}: nothing is open.": "{start}: 판정이 남은 비교가 없습니다.",
    "{number} comparison": "비교 {number}건",
    "{start}: 1 of {comparisons} is open.": (
        "{start}: {comparisons} 가운데 1건의 판정이 남았습니다."
    ),
    "{start}: {count} of {comparisons} are open.": (
        "{start}: {comparisons} 가운데 {count}건의 판정이 남았습니다."
    ),
    "{number} more seed": "시드 {number}개",
    "{number} more repeat": "반복 {number}회",
    "all of them": "모두",
    "{count} of them": "그중 {count}건",
    (
        "{more} of every arm ({total} in all, about {time} of training) would settle {reach} "
        "in four of five repetitions, were the differences seen so far the true ones: a rough "
        "guide."
    ): (
        "모든 비교 대상에 {more}를 더하면(모두 {total}, 훈련에 약 {time}) 지금까지 본 차이가 "
        "참일 때 다섯 번 가운데 네 번은 {reach} 판정할 수 있습니다. 대략적인 안내입니다."
    ),
    "repeats": "반복",
    (
        "No number of {runs} would tell {arms}: the rows that splits share, runs that diverged "
        "or arms that do not differ at all limit what they can show. More data or a margin "
        "would."
    ): (
        "{runs} 수를 아무리 늘려도 구별할 수 없음: {arms}. 분할끼리 겹치는 행, 발산한 실행, "
        "또는 전혀 다르지 않은 결과 때문에 보일 수 있는 것에 한계가 있습니다. 데이터를 "
        "늘리거나 허용 차이(margin)를 정하면 됩니다."
    ),
    "settled": "판정됨",
    "published": "발표된 값",
    "rank": "순위",
    "our mean": "우리 평균",
    "single runs": "실행 하나하나",
    "ranks": "순위 범위",
    "{arm} is better than {other}": "{other}보다 {arm} 쪽이 더 좋음",
    "{number} pair": "{number}쌍",
    (
        "The published figures put {pairs} of arms in an order. Of these, our {runs} an arm "
        "confirm {confirmed}, contradict {contradicted}, and cannot tell {open} apart."
    ): (
        "발표된 값들은 비교 대상 {pairs}의 순서를 정합니다. 비교 대상마다 {runs}의 결과로 보면 "
        "그중 {confirmed}쌍은 맞고, {contradicted}쌍은 반대이며, {open}쌍은 구별할 수 없습니다."
    ),
    "Where the published runs would have misled: {pairs}.": (
        "발표된 실행이 잘못 이끌었을 곳: {pairs}."
    ),
    (
        "{arm} has the best mean {column}. One run of each arm, drawn at random from these, "
        "would have put another arm first in {apart} % of draws; one {unit} for all arms, in "
        "{together} %."
    ): (
        "평균 {column} 1위: {arm}. 이 실행들에서 비교 대상마다 하나씩 무작위로 뽑아 비교했다면 "
        "{apart} %는 다른 것이 1위였고, 모두 같은 {unit} 하나로 비교했다면 {together} %가 "
        "그랬습니다."
    ),
    "study": "연구",
    "label": "이름",
    "repeat": "반복",
    "fold": "폴드",
    "settings": "설정",
    "trial": "시도",
    "diverged": "발산",
    "{count} given up early": "일찍 포기 {count}가지",
    "{count} diverged": "발산 {count}가지",
    "not to its end": "끝까지 가지 않음",
    "The search": "탐색",
    (
        "Of {count} settings tried{ends} the best was {settings}: {metric} {score}, the best "
        "of many and therefore too good."
    ): (
        "시도한 설정 {count}가지{ends} 가운데 최고: {settings}. {metric} {score}, 여럿 가운데 "
        "최고라서 실제보다 좋게 나온 값입니다."
    ),
    "On {seeds} fresh seeds {lost} of its runs diverged.": (
        "새 시드 {seeds}개에서 실행 {lost}회가 발산했습니다."
    ),
    "; {metric} {score}, so the search flattered by {gap}": (
        "; {metric} {score}, 즉 탐색 결과는 {gap}만큼 좋아 보였습니다"
    ),
    (
        "Trained anew on {seeds} fresh seeds it has {metric} {score}, interval [{low}, "
        "{high}]{flattery}."
    ): (
        "새 시드 {seeds}개로 다시 훈련한 결과: {metric} {score}, 신뢰구간 [{low}, "
        "{high}]{flattery}."
    ),
    (
        "Trials are judged by validation rows; the test rows were set aside before the first "
        "one. A trial was given up where others had done better after as many epochs."
    ): (
        "시도는 검증 행으로 평가했고, 테스트 행은 첫 시도 전에 따로 떼어 두었습니다. 같은 에폭 "
        "뒤에 다른 시도들보다 못하면 그 시도는 포기했습니다."
    ),
    "{arm} ({lost} of {runs})": "{arm}({runs}회 가운데 {lost}회)",
    "Diverged runs count as worse than any other: {arms}.": (
        "발산한 실행은 다른 어떤 실행보다 나쁜 것으로 봅니다: {arms}."
    ),
    (
        "Settled early, with fewer runs: {arms}; a look before the end settles an arm only at "
        "an adjusted p of 0.001 (Haybittle-Peto), and each pair is compared on the runs it "
        "shares."
    ): (
        "일찍 판정되어 실행이 적은 비교 대상: {arms}. 끝나기 전의 판정은 보정된 p가 0.001 "
        "이하일 때만 하고(Haybittle-Peto), 두 대상은 함께 가진 실행으로만 비교합니다."
    ),
    "{tests} (Holm)": "{tests}(Holm)",
    "overlapping splits (Nadeau-Bengio)": "겹치는 분할(Nadeau-Bengio)",
    "{runs}, the seeds of a fold averaged,": "{runs}(폴드마다 시드 평균)",
    "Paired over {runs} at the {level} level.": "{runs}로 짝지어 비교했습니다(유의수준 {level}).",
    "Paired over {runs} at the {level} level, corrected for {reasons}.": (
        "{runs}로 짝지어 비교했고(유의수준 {level}), 다음에 대해 보정했습니다: {reasons}."
    ),
    " and ": ", ",
    "equivalent within {margin}": "차이 {margin} 이내로 동등",
    "better": "더 좋음",
    "worse": "더 나쁨",
    "not distinguishable": "구별할 수 없음",
    "the best ({arm})": "평균이 가장 좋은 {arm}",
    "Compared with {reference} on {column}": "{column} 비교 결과(기준: {reference})",
    "{start}: {readings}.": "{start}입니다. {readings}.",
    "{start}, no other arm is distinguishable.": (
        "{start}입니다. 나머지는 모두 구별할 수 없습니다."
    ),
    "{start}, every other arm is {reading}.": "{start}입니다. 나머지 모두: {reading}.",
    "No arm finished, so there is nothing to compare.": (
        "끝까지 실행된 비교 대상이 없어 비교할 수 없습니다."
    ),
    "One arm alone: there is nothing to compare it with.": (
        "비교 대상이 하나뿐이라 비교할 것이 없습니다."
    ),
    "One seed cannot tell arms apart: the order may be chance. Run more seeds.": (
        "시드 하나로는 구별할 수 없습니다. 순서는 우연일 수 있으니 시드를 더 실행하세요."
    ),
    "The baseline, {arm}, did not finish: nothing to compare with.": (
        "기준이 끝까지 실행되지 않아 비교할 수 없습니다: {arm}."
    ),
    "Every arm has a diverged run, so none is best. Choose a baseline to compare with.": (
        "모든 비교 대상에 발산한 실행이 있어 가장 좋은 것이 없습니다. 비교할 기준(baseline)을 "
        "정하세요."
    ),
    "preparing {arm}": "준비 중 {arm}",
    "{done} of {runs} runs": "실행 {done}/{runs}",
    "{share} of the study": "전체의 {share}",
    "best {best}": "현재 최고 {best}",
    "about {span} left": "약 {span} 남음",
    "{minutes} min": "{minutes}분",
    "{hours} h {minutes} min": "{hours}시간 {minutes}분",
}
