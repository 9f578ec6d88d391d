"""Old spellings are remembered once, in the order a program met them."""

from bital.compat import notes


def test_a_note_is_taken_once() -> None:
    notes.forget()
    notes.note("nb_epoch", "epochs")
    notes.note("border_mode", "padding")
    notes.note("nb_epoch", "epochs")
    assert notes.told() == (("nb_epoch", "epochs"), ("border_mode", "padding"))
    notes.forget()
    assert notes.told() == ()
