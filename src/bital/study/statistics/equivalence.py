"""Whether a difference is surely too small to matter."""

from bital.study.statistics.differences import Differences


def tost(differences: Differences, margin: float) -> float:
    """Return the p-value of two one-sided t tests that the mean lies within +-margin.

    At most alpha exactly when the 1 - 2 alpha interval lies within the margin.

    Args:
        differences: paired differences.
        margin: above 0, in the score's unit.

    Returns:
        The larger one-sided p-value. Where all differences are equal, and t would be infinitely
        sure, that of the sign test: 2^-n within the margin, 1 outside.

    Source: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power
    approach", J. Pharmacokinetics and Biopharmaceutics 15.
    """
    from scipy.special import stdtr

    room = margin - abs(differences.mean)
    if differences.error == 0:
        return 2.0**-differences.seeds if room > 0 else 1.0
    return float(stdtr(differences.seeds - 1, -room / differences.error))
