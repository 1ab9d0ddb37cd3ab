"""Views: whatever the slices and the frames, what arrives is what happened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_activity import Activity, make_activity, make_recording

from workbench.live import node_lines, raster, rates, traces
from workbench.live.axis import TimeAxis
from workbench.live.frames import Body
from workbench.live.recording import LiveRecording

DT, WINDOW, COLUMNS = 0.1, 500.0, 317


@pytest.fixture
def activity() -> Activity:
    return make_activity([40, 10], 20_000, 3000)


def unpack(body: Body) -> dict[str, np.ndarray]:
    data = body.bytes()
    return {
        name: np.frombuffer(data, dtype, length, offset)
        for name, (dtype, offset, length) in body.arrays.items()
    }


class Screen:
    """A browser's raster: replaces columns by those of the frame."""

    def __init__(self, placed: raster.Rows) -> None:
        self.counts: dict[int, np.ndarray] = {}
        self.placed = placed
        self.settled: int | None = None

    def take(self, recording: LiveRecording, axis: TimeAxis) -> None:
        body = Body()
        head = raster.take(recording, axis, self.placed, self.settled, body)
        arrays = unpack(body)
        first, stop = head["first"], head["stop"]
        counts = np.zeros((stop - first, self.placed.height), int)
        if "raster.strip" in arrays:
            counts += arrays["raster.strip"].reshape(counts.shape)
        else:
            np.add.at(counts, (arrays["raster.x"], arrays["raster.y"]), 1)
        for column in range(first, stop):
            self.counts[column] = counts[column - first]
        self.settled = head["settled"]


def expected(activity: Activity, axis: TimeAxis, placed: raster.Rows, columns: int) -> np.ndarray:
    counts = np.zeros((columns, placed.height), int)
    offset = 0
    for size, step, sender in zip(activity.sizes, activity.step, activity.sender, strict=True):
        column = np.floor((step + 1) * DT / axis.width + 1e-9).astype(int)
        np.add.at(counts, (column, placed.row_of[sender + offset]), 1)
        offset += size
    return counts


cuts = st.lists(st.integers(1, 19_999), max_size=30).map(lambda each: sorted(set(each)))


@settings(max_examples=25, deadline=None)
@given(cuts, st.sampled_from([20, 190]))
def test_no_spike_is_lost_or_doubled_however_time_is_cut(where: list[int], height: int) -> None:
    activity = make_activity([40, 10], 20_000, 3000)
    recording = make_recording(activity.sizes)
    axis = TimeAxis(WINDOW, COLUMNS, DT)
    screen = Screen(raster.rows({"p0": 40, "p1": 10}, height, 2))
    previous = 0
    for chunk in activity.chunks(where):
        recording.feed(chunk)
        if axis.shown(recording.steps)[0] > previous:
            # A frame that comes after more than a window: what scrolled past is not wanted.
            for column in range(previous, axis.shown(recording.steps)[0]):
                screen.counts[column] = np.full(height, -1)
        screen.take(recording, axis)
        previous = axis.shown(recording.steps)[1] - 1
    first, stop = axis.shown(recording.steps)
    wanted = expected(activity, axis, screen.placed, stop)
    for column in range(stop):
        if screen.counts[column][0] >= 0:
            assert np.array_equal(screen.counts[column], wanted[column])
    assert all(screen.counts[column][0] >= 0 for column in range(first, stop))


def test_many_spikes_go_as_counts_of_pixels_and_few_as_points(activity: Activity) -> None:
    recording = make_recording(activity.sizes)
    for chunk in activity.chunks([]):
        recording.feed(chunk)
    few, many = Body(), Body()
    raster.take(
        recording, TimeAxis(WINDOW, 400, DT), raster.rows({"p0": 40, "p1": 10}, 200, 0), 1590, few
    )
    raster.take(recording, TimeAxis(WINDOW, 16, DT), raster.rows({"p0": 50}, 16, 0), None, many)
    assert "raster.x" in few.arrays
    assert many.arrays["raster.strip"][2] == 16 * 16


def test_populations_are_stacked_in_order_with_gaps_and_none_vanishes() -> None:
    placed = raster.rows({"exc": 3200, "inh": 800, "out": 10}, 200, 6)
    (_, top, tall), (_, top_inh, tall_inh), (_, top_out, tall_out) = placed.groups
    assert top == 0
    assert top_inh == top + tall + 6
    assert top_out == top_inh + tall_inh + 6
    assert top_out + tall_out == 200
    assert tall > 3 * tall_inh > 0
    assert tall_out >= 10
    assert np.all(np.diff(placed.row_of[:3200].astype(int)) >= 0)
    assert placed.row_of[3200:4000].min() >= top_inh
    assert placed.row_of.max() < 200


@pytest.mark.parametrize("count", [1, 60])
def test_rows_stay_inside_whatever_the_number_of_populations(count: int) -> None:
    placed = raster.rows({f"p{i}": 1 for i in range(count)}, 90, 6)
    assert placed.row_of.max() < 90
    assert all(tall >= 1 for _, _, tall in placed.groups)


@settings(max_examples=20, deadline=None)
@given(cuts)
def test_traces_are_least_and_greatest_of_every_column(where: list[int]) -> None:
    activity = make_activity([40, 10], 20_000, 300)
    recording = make_recording(activity.sizes)
    axis = TimeAxis(WINDOW, 200, DT)
    low: dict[int, np.ndarray] = {}
    high: dict[int, np.ndarray] = {}
    settled = None
    for chunk in activity.chunks(where):
        recording.feed(chunk)
        body = Body()
        head = traces.take(recording, "p0", axis, settled, body)
        assert head is not None
        arrays = unpack(body)
        for column in range(head["first"], head["stop"]):
            place = slice(3 * (column - head["first"]), 3 * (column - head["first"] + 1))
            low[column] = arrays["traces.low"][place]
            high[column] = arrays["traces.high"][place]
        settled = head["settled"]
    first, stop = axis.shown(recording.steps)
    column = axis.columns_of(np.arange(activity.steps))
    v = activity.v.astype(np.float32)
    for each in range(first, stop):
        assert np.array_equal(low[each], v[column == each].min(axis=0))
        assert np.array_equal(high[each], v[column == each].max(axis=0))


def test_columns_narrower_than_a_sample_take_the_value_that_follows() -> None:
    recording = make_recording([4], dt=1.0)
    activity = make_activity([4], 50, 10)
    for chunk in activity.chunks([20]):
        recording.feed(chunk)
    axis = TimeAxis(100.0, 400, 1.0)
    low, high = traces.envelope(recording.traces["p0"], axis, 100, 181)
    assert not np.isnan(low).any()
    assert np.array_equal(low, high)
    assert np.array_equal(low[-1], activity.v[axis.first_step(180)].astype(np.float32))


def test_spikes_of_traced_neurons_are_marked(activity: Activity) -> None:
    recording = make_recording(activity.sizes)
    for chunk in activity.chunks([777]):
        recording.feed(chunk)
    axis, body = TimeAxis(WINDOW, 250, DT), Body()
    head = traces.take(recording, "p0", axis, None, body)
    assert head is not None
    marks = unpack(body)["traces.spike"].reshape(-1, 3)
    column = axis.columns_of(activity.step[0]) - head["first"]
    wanted = np.zeros_like(marks)
    for neuron in range(3):
        mine = column[activity.sender[0] == neuron]
        wanted[mine[mine >= 0], neuron] = 1
    assert np.array_equal(marks, wanted)


def test_a_constant_rate_is_shown_as_that_rate() -> None:
    recording = make_recording([100])
    activity = make_activity([100], 20_000, 0)
    activity.step[0] = np.arange(0, 20_000, 2)  # a spike every 0.2 ms: 5 a ms over 100 neurons
    activity.sender[0] = (np.arange(10_000) % 100).astype(np.uint32)
    for chunk in activity.chunks([5000, 5003]):
        recording.feed(chunk)
    body = Body()
    head = rates.take(recording, WINDOW, 300, None, body)
    hz = unpack(body)["rates.hz"]
    assert head["interval"] == pytest.approx(2.0)
    assert hz.size == head["stop"] - head["first"]
    assert np.allclose(hz, 50.0)
    assert recording.rates()["p0"] == pytest.approx(50.0)


@settings(max_examples=15, deadline=None)
@given(cuts)
def test_rates_sent_in_pieces_are_those_of_the_whole(where: list[int]) -> None:
    activity = make_activity([40, 10], 20_000, 2000)
    pieces, whole = make_recording(activity.sizes), make_recording(activity.sizes)
    shown: dict[int, np.ndarray] = {}
    settled = None
    for chunk in activity.chunks(where):
        pieces.feed(chunk)
        body = Body()
        head = rates.take(pieces, WINDOW, 500, settled, body)
        for place, row in enumerate(unpack(body)["rates.hz"].reshape(-1, 2)):
            shown[head["first"] + place] = row
        settled = head["settled"]
    for chunk in activity.chunks([]):
        whole.feed(chunk)
    body = Body()
    head = rates.take(whole, WINDOW, 500, None, body)
    for place, row in enumerate(unpack(body)["rates.hz"].reshape(-1, 2)):
        assert np.allclose(shown[head["first"] + place], row, atol=1e-3)


def test_a_node_line_is_the_mean_potential_and_says_the_rate(activity: Activity) -> None:
    recording = make_recording(activity.sizes)
    for chunk in activity.chunks([100, 9000]):
        recording.feed(chunk)
    body = Body()
    head = node_lines.take(recording, WINDOW, None, body)
    lines = unpack(body)["nodes.line"].reshape(2, -1)
    assert lines.shape[1] == node_lines.COLUMNS
    assert abs(lines[0].mean() + 60) < 1
    assert head["rates"][0] == pytest.approx(3000 / 40 / 2.0, rel=0.3)
    # Without a membrane state the line counts spikes.
    inside = (activity.step[1] + 1) * DT > activity.steps * DT - WINDOW
    assert lines[1].sum() == pytest.approx(inside.sum(), rel=0.05)


def test_histories_hold_their_window_and_no_more() -> None:
    recording = make_recording([40, 10], keep=5000)
    activity = make_activity([40, 10], 200_000, 100_000)
    for chunk in activity.chunks(list(range(130, 200_000, 130))):
        recording.feed(chunk)
    steps, _ = recording.spikes.since(195_000)
    assert steps.size == sum((each >= 195_000).sum() for each in activity.step)
    assert recording.spikes._held < 12_000
    history = recording.traces["p0"].history
    assert history.stop == 200_000
    newest = history.between(199_000, 200_000)
    assert np.array_equal(newest, activity.v[199_000:].astype(np.float32))


def test_slow_runs_do_not_pile_up_tiny_blocks() -> None:
    recording = make_recording([40, 10])
    activity = make_activity([40, 10], 3000, 500)
    for chunk in activity.chunks(list(range(1, 3000))):
        recording.feed(chunk)
    assert len(recording.spikes._blocks) < 5
    assert recording.spikes.since(0)[0].size == 1000
