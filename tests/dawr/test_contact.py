from pytest import approx

from dawr.contact import Contact


def presses(contact: Contact, edges: list[tuple[float, bool]], until_s: float) -> list[float]:
    """The moments at which a press counts, looking each millisecond."""
    counted, waiting = [], list(edges)
    for tick in range(round(until_s * 1000) + 1):
        now_s = tick / 1000
        while waiting and waiting[0][0] <= now_s:
            at_s, down = waiting.pop(0)
            contact.feel(down, at_s)
        if contact.settle(now_s):
            counted.append(now_s)
    return counted


def test_a_press_counts_when_it_was_held_for_50_ms() -> None:
    assert presses(Contact(0.0), [(0.1, True), (0.3, False)], 1.0) == approx([0.15], abs=0.002)


def test_a_shorter_touch_is_no_press() -> None:
    assert presses(Contact(0.0), [(0.1, True), (0.149, False)], 1.0) == []


def test_a_burst_of_bounces_is_one_press() -> None:
    closing = [(0.1 + n * 0.002, n % 2 == 0) for n in range(21)]
    opening = [(0.5 + n * 0.002, n % 2 == 1) for n in range(21)]

    assert presses(Contact(0.0), [*closing, *opening], 1.0) == approx([0.19], abs=0.002)


def test_a_loose_contact_during_a_press_is_no_second_press() -> None:
    edges = [(0.1, True), (0.3, False), (0.32, True), (0.6, False)]

    assert presses(Contact(0.0), edges, 1.0) == approx([0.15], abs=0.002)


def test_two_presses_are_two() -> None:
    edges = [(0.1, True), (0.2, False), (0.3, True), (0.4, False)]

    assert presses(Contact(0.0), edges, 1.0) == approx([0.15, 0.35], abs=0.002)


def test_a_button_held_for_ten_seconds_is_stuck_until_it_is_let_go() -> None:
    contact = Contact(0.0)
    assert presses(contact, [(0.1, True)], 10.0) == approx([0.15], abs=0.002)
    assert not contact.is_stuck(10.09)
    assert contact.due_at_s(10.09) == approx(10.1)
    assert contact.is_stuck(10.11)

    contact.feel(False, 11.0)
    contact.settle(11.05)
    assert not contact.is_stuck(11.05)
    contact.feel(True, 12.0)
    assert contact.settle(12.05)


def test_a_button_that_is_down_at_the_start_is_no_press_but_stuck_after_a_while() -> None:
    contact = Contact(0.0, down=True)

    assert presses(contact, [], 9.9) == []
    assert contact.is_stuck(10.0)


def test_a_contact_at_rest_asks_for_no_time() -> None:
    contact = Contact(0.0)
    assert contact.due_at_s(5.0) is None
    contact.feel(True, 6.0)
    assert contact.due_at_s(6.0) == 6.05
