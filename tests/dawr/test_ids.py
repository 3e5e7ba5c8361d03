import secrets
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random
from uuid import UUID

from dawr.ids import Ids, new_id


def test_an_id_is_the_example_of_rfc_9562_appendix_a6() -> None:
    ids = Ids(unix_ms=lambda: 0x017F22E279B0, random_bits=lambda _: 0xCC3 << 62 | 0x18C4DC0C0C07398F)

    assert ids() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_an_id_says_that_it_is_a_uuid_of_version_7() -> None:
    made = UUID(new_id())

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_of_one_millisecond_keep_their_order() -> None:
    ids = Ids(unix_ms=lambda: 1_800_000_000_000)
    made = [ids() for _ in range(5_000)]

    assert made == sorted(set(made))


def test_an_id_after_the_clock_went_back_is_larger_still() -> None:
    clock = iter([1_800_000_000_000, 1_700_000_000_000, 1_800_000_000_001])
    ids = Ids(unix_ms=lambda: next(clock))
    first, second, third = ids(), ids(), ids()

    assert first < second < third


def test_a_full_millisecond_flows_over_into_the_next() -> None:
    every_bit_set = Ids(unix_ms=lambda: 1_000, random_bits=lambda bits: (1 << bits) - 1)
    first, second = UUID(every_bit_set()), UUID(every_bit_set())

    assert (first.int >> 80, second.int >> 80) == (1_000, 1_001)


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(4_000)))

    assert len(set(made)) == 4_000


def test_ids_drawn_from_the_same_dice_are_the_same() -> None:
    ids, others = Ids(), Ids()
    made = []
    for one in (ids, others):
        one()
        one.draw_from(lambda: 1_000, Random(7).getrandbits)
        made.append([one(), one()])

    assert made[0] == made[1]


def test_whoever_has_an_id_knows_nothing_of_64_bits_of_any_other() -> None:
    """They are the codes of visitors' pages: drawn anew each millisecond, or a step further as hard to guess."""
    asked: list[int] = []

    def dice(bits: int) -> int:
        asked.append(bits)
        return Random(len(asked)).getrandbits(bits)

    clock = iter([1_000, 1_000, 1_000, 1_001, 1_001])
    ids = Ids(lambda: next(clock), dice)
    made = [UUID(ids()).int for _ in range(5)]
    assert len(asked) == 5 and min(asked) >= 64
    assert all(later - former > 2**48 for former, later in pairwise(made))
    assert Ids()._random_bits is secrets.randbits, "the dice of the operating system"
