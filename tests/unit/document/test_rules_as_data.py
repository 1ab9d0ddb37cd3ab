"""Rules and distributions: plain data, refused when made wrongly."""

import json
import re

import pytest

from engine import rules
from engine.document.values import complete_rule, distribution_problems, rule_problems
from engine.errors import DocumentError


def test_every_rule_is_plain_data():
    made = [
        rules.all_to_all(self_connections=False),
        rules.one_to_one(),
        rules.probability(0.02),
        rules.fixed_indegree(100, multapses=False),
        rules.fixed_outdegree(3),
        rules.fixed_total(3),
        rules.distance(0.5, 100, "box", reach=50),
        rules.explicit([(0, 1), (2, 3)]),
    ]
    assert json.loads(json.dumps(made)) == made
    assert [rule_problems(rule, "rule") for rule in made] == [[]] * 8


def test_distributions_leave_out_what_is_not_given():
    assert rules.distance_linear(1, 2) == {
        "distribution": "distance_linear",
        "offset": 1,
        "slope": 2,
    }
    assert rules.normal(1, 2) == {"distribution": "normal", "mean": 1, "std": 2}
    assert rules.exponential(3, low=0.5) == {"distribution": "exponential", "mean": 3, "low": 0.5}
    assert rules.uniform(-1, 1) == {"distribution": "uniform", "low": -1, "high": 1}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: rules.probability(1.5), "`p` is a probability between 0 and 1, not 1.5"),
        (lambda: rules.probability("half"), "`p` must be a number, not 'half'"),
        (lambda: rules.fixed_indegree(-1), "`n` must be a whole number of at least 0, not -1"),
        (lambda: rules.fixed_indegree(2.5), "`n` must be a whole number"),
        (lambda: rules.probability(0.1, multapses=1), "`multapses` must be true or false"),
        (lambda: rules.explicit([(0, -1)]), "pair 0 must be two whole numbers"),
        (lambda: rules.normal(0, -1), "`std` must not be negative"),
        (lambda: rules.normal(0, 1, low=2, high=1), "the lower bound 2 is above the upper bound 1"),
        (lambda: rules.uniform(0, float("inf")), "`high` must be a finite number"),
    ],
)
def test_a_wrong_number_is_refused(make, said):
    with pytest.raises(DocumentError, match=re.escape(said)):
        make()


def test_an_unknown_kind_or_field_suggests_the_nearest():
    (kind,) = rule_problems({"kind": "probabilty"}, "rule")
    (entry,) = rule_problems({"kind": "probability", "p": 0.1, "multapse": True}, "rule")
    assert kind.remedy == "did you mean `probability`?"
    assert entry.remedy == "did you mean `multapses`?"


@pytest.mark.parametrize("rule", [{}, {"kind": None}, {"kind": ["x"]}, {"kind": "probability"}])
def test_an_incomplete_rule_is_a_problem_and_no_crash(rule):
    assert rule_problems(complete_rule(rule), "rule")


@pytest.mark.parametrize("value", [{}, {"distribution": 3}, {"distribution": "normal", "mean": {}}])
def test_an_incomplete_distribution_is_a_problem_and_no_crash(value):
    assert distribution_problems(value, "weight")
