"""How a claim is judged, in words for readers, each rule with examples of made-up runs:
[(text, [(claim, results)])]."""

from __future__ import annotations

from lib.claims.claim import Cell, Claim
from lib.report.results import Result


def _runs(mean: float, spread: float, n: int = 5, id: str = "a", varied: str = "seed") -> Result:
    """`n` runs in equal steps with this mean and standard deviation."""
    steps = [i - (n - 1) / 2 for i in range(n)]
    scale = (sum(s * s for s in steps) / (n - 1)) ** 0.5
    return Result(id, [mean + spread * s / scale for s in steps], "fraction", varied)


def _claim(id: str, quantity: str, **fields) -> Claim:
    base = {"where": "an example", "kind": "value", "result": "a", "unit": "fraction"}
    return Claim(**(base | {"id": id, "quantity": quantity} | fields))


def _row(id: str, *values: float) -> Claim:
    cells = [Cell(at=["epoch 15", name], value=v, unit="fraction", result=name)
             for name, v in zip(("training", "validation", "test"), values, strict=True)]  # fmt: skip
    return _claim(id, "one row of a table", kind="joint", result="", cells=cells)


_ROW_RUNS = [
    _runs(0.95, 0.003, id="training"),
    _runs(0.92, 0.004, id="validation"),
    _runs(0.915, 0.003, id="test"),
]
_BOTH = [_runs(0.93, 0.004), Result("b", [0.908, 0.912, 0.905, 0.915, 0.91], "fraction")]

RULES: list[tuple[str, list[tuple[Claim, list[Result]]]]] = [
    ("""# How a claim is judged

A claim is something that a document states and that a run can contradict. It is written down before the run,
with the result of ours that it is compared with. Verdicts are worked out when this report is rendered. Where
chance has a hand in a result, it is known only up to an interval; all intervals hold in 95 of 100 cases.
Three rules keep agreement from coming cheap: fewer than three runs, which show no spread, leave a claim
*undecided*, unless nothing in the result is drawn at random; a claim about real data is judged on real data
only, and with the document's settings (else it is *not comparable*); and an interval too wide to say anything
is never agreement.

## The words

- **exact**: equal to the digit.
- **agrees**: the statement holds, by the rule for its kind.
- **better**: missed, ours is better, for a stated reason that is no difference of protocol.
- **erratum**: the document prints something wrong, and a check shows it.
- **worse**: missed, ours is poorer.
- **disagrees**: the statement does not hold, or a number is missed to the better side without such a reason.
- **undecided**: these runs cannot tell; what would tell is said.
- **not comparable**: our run is not of the document's kind: other data, or a setting that differs.
- **not run**: no run has the number yet.
""", []),
    ("""## A number

Would a further run of ours, tested as the document tested,
come out as far from our mean as the document did? The allowance is the prediction interval

$$\\pm\\, t\\,\\sqrt{s^2\\left(1 + \\frac1n\\right) + p(1-p)\\left(\\frac1{N_d} + \\frac1{N_o}\\right)}$$

where $s$ is the standard deviation of our $n$ runs; the second term is the noise of two test sets, the
document's of $N_d$ examples and ours of $N_o$, with $p$ smoothed by half a success and half a failure
(Jeffreys), so that it does not vanish at 100 %. $t$ has Satterthwaite's degrees of freedom. Where both are
measured on the same examples, as on MNIST's 10,000 test digits, the second term falls away.

If the allowance is wider than 3 points (for anything but accuracies: a tenth of the number), agreement would
say nothing. A claim may name another width with its reason, most often that the document's own test set is
too small for less.
""", [
        (_claim("agrees", "accuracy", value=0.92), [_runs(0.915, 0.004)]),
        (_claim("worse", "accuracy", value=0.94), [_runs(0.915, 0.004)]),
        (_claim("wide", "accuracy, noisy runs", value=0.94), [_runs(0.915, 0.02)]),
        (_claim("two", "accuracy, two runs", value=0.92), [_runs(0.915, 0.004, 2)]),
        (_claim("above", "accuracy", value=0.9), [_runs(0.915, 0.004)]),
    ]),
    ("""## Splits of one data set

Runs on different splits of the same pictures share most of their training pictures; their mean varies more
than $s^2/n$ says. With Nadeau and Bengio (2003) its variance is taken as

$$s^2\\left(\\frac1n + \\frac{n_\\text{test}}{n_\\text{train}}\\right)$$

in every rule of this page, as an accuracy of new pictures asks for. More splits of the same pictures do not
help beyond that.
""", [
        (_claim("seeds", "accuracy, five seeds", value=0.9245), [_runs(0.915, 0.003)]),
        (_claim("splits", "accuracy, five splits", value=0.9245, test_to_train=0.25),
         [_runs(0.915, 0.003, varied="split")]),
    ]),
    ("""## One larger than another

The two results are compared run by run, on the same seeds and splits. The difference is decided when its
interval does not hold 0; results that are equal in every run contradict it.

An undecided claim says what such runs can tell: the smallest difference that they would find in four of five
cases (the power of the t-test, by the noncentral t), and how many runs would find one as large as the
observed as often. Statements and equality say the same of the distance to a bound.
""", [
        (_claim("larger", "a beats b", kind="ordering", result=["a", "b"], value="a > b"), _BOTH),
        (_claim("close", "a beats b", kind="ordering", result=["a", "b"], value="a > b"),
         [Result("a", [0.93, 0.91, 0.92, 0.925], "fraction"),
          Result("b", [0.925, 0.915, 0.91, 0.925], "fraction")]),
    ]),
    ("""## No difference

That no difference was seen does not show that there is none. "About the same" is shown when two one-sided
tests at 5 % both say that the difference is smaller than a stated margin (Schuirmann 1987): when its 90 %
interval lies within the margin.
""", [
        (_claim("same", "no noticeable difference", kind="equivalence", value="same", margin=0.005),
         [_runs(0.001, 0.002)]),
        (_claim("unknown", "no noticeable difference", kind="equivalence", value="same", margin=0.005),
         [_runs(0.0, 0.008)]),
    ]),
    ("""## Ranges, trends, pictures

A statement that is no number is measured by one, which has to lie between bounds written down before the run.
It agrees when the whole interval of our mean does, disagrees when none of it does.
""", [
        (_claim("inside", "rises fast", kind="trend", value="fast", at_least=0.9), [_runs(0.93, 0.01)]),
        (_claim("across", "rises fast", kind="trend", value="fast", at_least=0.9), [_runs(0.905, 0.01)]),
    ]),
    ("""## Rows and curves

A row of a table is one run, however many numbers it prints: one claim. The number that is furthest off, in
half-widths of its allowance, decides and is the one that tables show; the allowances are widened so that all
numbers of a true row together hold in 95 of 100 cases, and which are off is told by Holm's (1979) procedure.
""", [(_row("row_a", 0.952, 0.925, 0.918), _ROW_RUNS), (_row("row_b", 0.951, 0.95, 0.912), _ROW_RUNS)]),
    ("""## Errata

What a document prints wrongly is a claim as well: that it is wrong.
The check that shows it is a result of ours, and it could fail.
""", [
        (_claim("inputs", "inputs of the network, printed 764", kind="erratum", value="764", unit="pixels",
                at_least=784, at_most=784, deterministic="counted"), [Result("a", [784], "pixels")]),
    ]),
    ("""## Many claims

Of true numbers and rows, a 95 % interval misses one in twenty by chance; of true statements, orderings and
equalities, which are wrong on one side only, at most one in forty. The [overview](overview.ipynb) adds these
chances up over all claims that an interval judges, decided or not, and sets the misses beside the sum. They
are too many for chance when so many or more would come, at that rate, in less than one case in forty
(Poisson).
""", []),
]  # fmt: skip
