"""What the three ways do on a line is what arithmetic says."""

from dataclasses import replace

import numpy as np
import pytest

from bital.study.run import run_design
from bital.study.shipped import gradient_descent


def test_the_batch_arm_takes_the_steps_of_gradient_descent() -> None:
    design = gradient_descent.design("en")
    x, y = gradient_descent.points()
    # Tested on what it trains on: all points, so that no split comes in.
    arms = {"batch": design.arms["batch"]}
    result = run_design(
        replace(
            design,
            arms=arms,
            data=(x, y, x, y),
            splits=replace(design.splits, validation=0),
            seeds=1,
        )
    )
    weight, bias, xs = 0.0, 0.0, x[:, 0].astype(np.float64)
    for _ in range(gradient_descent.EPOCHS):
        error = weight * xs + bias - y
        weight -= gradient_descent.RATE * 2 * np.mean(error * xs)
        bias -= gradient_descent.RATE * 2 * np.mean(error)
    expected = np.mean((weight * xs + bias - y) ** 2)
    [arm] = result.arms
    assert arm.scores["test_loss"] == pytest.approx([expected], rel=1e-4)


def test_ten_mini_batches_are_as_many_steps_as_ten_epochs_of_batches() -> None:
    design = gradient_descent.design("en")
    rows = round(gradient_descent.ROWS * (1 - design.splits.validation - 0.2))
    assert rows == 10 * gradient_descent.MINI
    assert design.arm("batch_longer").epochs == 10 * design.epochs


def test_the_points_lie_on_the_line_but_for_noise() -> None:
    x, y = gradient_descent.points()
    slope, intercept = np.polyfit(x[:, 0], y, 1)
    assert (slope, intercept) == pytest.approx((2, 1), abs=0.05)
    assert np.std(y - 2 * x[:, 0] - 1) == pytest.approx(gradient_descent.NOISE, rel=0.2)
