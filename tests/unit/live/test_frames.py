"""Frames: one at a time, the newest, at most so many a second."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from workbench.live.frames import Body, FramePacer


def test_arrays_lie_aligned_in_one_body() -> None:
    body = Body()
    body.add("bytes", np.arange(3, dtype=np.uint8))
    body.add("floats", np.array([[1.5, 2.5]], np.float32))
    data = body.bytes()
    kind, offset, length = body.arrays["floats"]
    assert offset % 8 == 0
    assert np.frombuffer(data, kind, length, offset).tolist() == [1.5, 2.5]


def test_nothing_is_sent_while_a_frame_is_unacknowledged() -> None:
    async def scene() -> None:
        pacer = FramePacer(rate=1000.0)
        pacer.news()
        assert await pacer.turn()
        seq = pacer.sent()
        pacer.news()
        turn = asyncio.ensure_future(pacer.turn())
        await asyncio.sleep(0.05)
        assert not turn.done()
        pacer.acknowledge(seq)
        assert await asyncio.wait_for(turn, 1.0)

    asyncio.run(scene())


def test_without_news_there_is_no_frame() -> None:
    async def scene() -> None:
        pacer = FramePacer(rate=1000.0)
        turn = asyncio.ensure_future(pacer.turn())
        await asyncio.sleep(0.05)
        assert not turn.done()
        pacer.news()
        assert await asyncio.wait_for(turn, 1.0)

    asyncio.run(scene())


def test_frames_keep_their_distance_and_news_between_them_become_one() -> None:
    async def scene() -> int:
        pacer, frames, end = FramePacer(rate=50.0), 0, time.monotonic() + 0.5

        async def shout() -> None:
            while time.monotonic() < end:
                pacer.news()
                await asyncio.sleep(0.001)
            pacer.close()

        shouting = asyncio.ensure_future(shout())
        while await pacer.turn():
            frames += 1
            pacer.acknowledge(pacer.sent())
        await shouting
        return frames

    assert 10 <= asyncio.run(scene()) <= 27


def test_a_lost_frame_does_not_stop_the_view_for_ever() -> None:
    async def scene() -> None:
        pacer = FramePacer(patience=0.05)
        pacer.sent()
        pacer.news()
        assert await asyncio.wait_for(pacer.turn(), 1.0)
        assert pacer.lost == 1

    asyncio.run(scene())


def test_late_word_of_an_earlier_frame_does_not_count() -> None:
    async def scene() -> None:
        pacer = FramePacer()
        first = pacer.sent()
        second = pacer.sent()
        pacer.acknowledge(first)
        assert pacer.waiting
        pacer.acknowledge(second)
        assert not pacer.waiting

    asyncio.run(scene())


def test_closing_ends_the_wait() -> None:
    async def scene() -> None:
        pacer = FramePacer()
        pacer.sent()
        turn = asyncio.ensure_future(pacer.turn())
        await asyncio.sleep(0.01)
        pacer.close()
        assert await asyncio.wait_for(turn, 1.0) is False

    asyncio.run(scene())
