"""Learning with a third factor: published numbers of rewards that come late, and of teachers."""

from __future__ import annotations

import numpy as np
import pytest

import engine

DELAY = 1.0  # ms
LATE_REWARDS = [(1000.0, 0.5, 0.0306566201), (500.0, 1.0, 0.1010884433)]  # ms, dopamine
RESUME = 0.4803043988  # change by inputs at 2 and 8, a teacher at 10, the target at 14 ms


def marked(
    rule: str,
    reward_at: float,
    amount: float,
    seconds: float = 12.0,
    by_spikes: bool = False,
    delay: str = "axonal",
    dt: float = 1.0,
    **parameters: float,
) -> float:
    """The change of a weight of a range of 1 by one pair at 1 ms and a reward ``reward_at`` ms
    later: given from outside, or ``amount`` spikes of a node."""
    net = engine.Network(dt=dt, precision="float64")
    pre = net.source("pre", "spike_times", times=[10.0], senders=[0])
    behind = 0.0 if delay == "axonal" else 2 * DELAY
    post = net.source("post", "spike_times", times=[11.0 - behind], senders=[0])
    pair_at = 11.0 + (DELAY if delay == "axonal" else 0.0)
    times = [pair_at + reward_at] * int(amount) if by_spikes else [1e6]
    reward = net.source("reward", "spike_times", times=times, senders=[0] * len(times))
    target = net.population("target", 1, "lif_psc_delta", t_ref=dt, v_th=100, v_reset=0, E_L=0)
    chosen = engine.plasticity(rule, delay, w_min=0, w_max=1, **parameters)
    net.connect(
        pre, target, weight=0.5, delay=DELAY, port="exc", id="e", plasticity=chosen, reward=reward
    )
    net.connect(post, target, weight=1e5, delay=DELAY, port="exc")
    with engine.Simulation(net.document) as running:
        running.run(pair_at + reward_at)
        if not by_spikes:
            running.reward("e", amount)
        run = running.run(1000.0 * seconds)
    return float(run.weights("e")[0] - 0.5)


# A pair 1 ms apart marks a synapse with 1.
SURE = {"tau_plus": 20.0, "A_plus": float(np.exp(1.0 / 20.0)), "A_minus": 0.0}


@pytest.mark.parametrize("delay", ["axonal", "dendritic"])
@pytest.mark.parametrize(("late", "amount", "expected"), LATE_REWARDS)
def test_a_reward_after_a_pair_changes_the_weight_by_the_mark_that_is_left(
    late: float, amount: float, expected: float, delay: str
) -> None:
    assert marked("r_stdp", late, amount, delay=delay, **SURE) == pytest.approx(expected, abs=1e-9)


def test_a_spike_of_the_node_that_rewards_is_a_reward_of_one() -> None:
    found = marked("r_stdp", 500.0, 1, by_spikes=True, **SURE)
    assert found == pytest.approx(LATE_REWARDS[1][2], abs=1e-9)
    assert marked("r_stdp", 500.0, 2, by_spikes=True, **SURE) == pytest.approx(2 * found, abs=1e-9)


def test_the_change_does_not_depend_on_the_time_step() -> None:
    coarse, fine = (marked("r_stdp", 500.0, 1.0, 4.0, dt=dt, **SURE) for dt in (1.0, 0.1))
    assert coarse == pytest.approx(fine, abs=1e-11)


def test_a_punishment_takes_away_what_a_reward_gives_within_the_bounds() -> None:
    assert marked("r_stdp", 500.0, -1.0, **SURE) == pytest.approx(-LATE_REWARDS[1][2], abs=1e-9)
    assert marked("r_stdp", 500.0, -90.0, **SURE) == -0.5
    assert marked("r_stdp", 500.0, 90.0, **SURE) == 0.5


def test_an_eligibility_trace_meets_a_reward_as_in_florians_equations() -> None:
    """dw = gamma int r z, z the mark 1/tau_z exp(-t/tau_z), r the reward exp(-t/tau_r)."""
    given = {"gamma": 0.2, "tau_z": 25.0, "tau_r": 10.0}
    found = marked("mstdpet", 30.0, 1.0, 1.0, dt=0.1, **given, **SURE)
    expected = 0.2 / 25.0 * np.exp(-30.0 / 25.0) / (1 / 25.0 + 1 / 10.0)
    assert found == pytest.approx(expected, abs=1e-10)


def test_the_reward_of_the_moment_scales_what_a_pair_does() -> None:
    given = {"gamma": 0.2, "tau_r": 50.0}
    assert marked("mstdp", 30.0, 1.0, 1.0, **given, **SURE) == 0.0  # it comes after the pair
    before = marked("mstdp", -8.0, 1.0, 1.0, **given, **SURE)
    assert before == pytest.approx(0.2 * np.exp(-8.0 / 50.0), abs=1e-12)


def taught(rule: str, delay: str = "axonal", **parameters: float) -> float:
    """The change after inputs at 2 and 8 ms, a teacher's spike at 10 and the target's at 14 ms."""
    net = engine.Network(dt=0.1, precision="float64")
    later = DELAY if delay == "axonal" else 0.0  # of what arrives over the axon
    pre = net.source("pre", "spike_times", times=[2.0, 8.0], senders=[0, 0])
    back = 0.0 if delay == "axonal" else DELAY
    teacher = net.source("teacher", "spike_times", times=[10.0 + later - back], senders=[0])
    post = net.source("post", "spike_times", times=[14.0 + later - back - DELAY], senders=[0])
    target = net.population("target", 1, "lif_psc_delta", t_ref=0.1, v_th=100, v_reset=0, E_L=0)
    chosen = engine.plasticity(rule, delay, w_min=0, w_max=10, **parameters)
    edge = net.connect(
        pre, target, weight=5, delay=DELAY, port="exc", plasticity=chosen, teacher=teacher
    )
    net.connect(post, target, weight=1e5, delay=DELAY, port="exc")
    return float(net.simulate(40.0).weights(edge[0])[0] - 5.0)


@pytest.mark.parametrize("delay", ["axonal", "dendritic"])
def test_resume_changes_by_the_difference_between_teacher_and_target(delay: str) -> None:
    found = taught("resume", delay, a=0.05 / 10, A=1.0 / 10, tau=5)
    assert found == pytest.approx(RESUME, abs=1e-9)


def test_a_supervised_synapse_gains_by_what_was_active_when_the_teacher_spiked() -> None:
    found = taught("supervised_hebb", A=0.1, tau=5)
    assert found == pytest.approx(np.exp(-8 / 5) + np.exp(-2 / 5), abs=1e-12)


def test_a_linear_associator_of_spikes_recalls_orthonormal_patterns() -> None:
    """Patterns are shown for an instant with the teacher: W becomes T P^T (Neuronal Dynamics)."""
    patterns = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]])
    answers = np.array([[1, 0], [0, 1], [1, 1]])
    net = engine.Network(dt=0.1, precision="float64")

    def shown(name: str, table: np.ndarray, lag: float):
        which, member = np.nonzero(table)
        times = (200.0 * (which + 1) + lag).tolist()
        return net.source(name, "spike_times", table.shape[1], times=times, senders=member.tolist())

    pre, teacher = shown("pre", patterns, 0.0), shown("teacher", answers, 2.0)
    target = net.population("target", 2, "lif_psc_delta")
    rule = engine.plasticity("supervised_hebb", A=0.1, tau=1.0, w_min=0, w_max=1)
    net.connect(
        pre, target, weight=0, delay=1, port="exc", id="e", plasticity=rule, teacher=teacher
    )
    weights = net.simulate(1000.0).weights("e").reshape(6, 2)
    learnt = weights / (0.1 * np.exp(-1.0))
    np.testing.assert_allclose(learnt, patterns.T @ answers, atol=1e-12)
    recalled = patterns @ learnt / 2.0  # each pattern has the length sqrt(2)
    np.testing.assert_allclose(recalled, answers, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [5.0, 20.0])
def test_nearest_pairs_around_the_source_drift_as_the_bcm_theory_says(rate: float) -> None:
    """2,000 synapses, Poisson spikes at both ends, five seeds; Izhikevich & Desai 2003."""
    pairs = {"A_plus": 0.0103, "A_minus": 0.0051, "tau_plus": 14.0, "tau_minus": 34.0}
    found, straight = [], engine.rules.one_to_one()
    for seed in range(1, 6):
        net = engine.Network(dt=0.1, seed=seed, precision="float64")
        pre = net.source("pre", "poisson", size=2000, rate=20)
        post = net.source("post", "poisson", size=2000, rate=rate)
        cells = net.population("c", 2000, "lif_psc_delta", t_ref=0, v_th=100, v_reset=0, E_L=0)
        rule = engine.plasticity("stdp_centred", w_min=0, w_max=1, **pairs)
        net.connect(post, cells, straight, weight=1e5, delay=0.1, port="exc")
        net.connect(
            pre, cells, straight, weight=0.5, delay=0.1, port="exc", id="e", plasticity=rule
        )
        change = net.simulate(5000.0).weights("e").mean() - 0.5
        found.append(change / 100.0)  # spikes of the source
    expected = float(engine.analysis.stdp_drift(rate, **pairs))
    error = np.std(found) / np.sqrt(5)
    assert np.mean(found) == pytest.approx(expected, abs=4 * error + 0.03 * abs(expected))
    assert np.sign(np.mean(found)) == np.sign(expected)
