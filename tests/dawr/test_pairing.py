"""The code by which a manager knows a new device."""

import hashlib

from dawr.pairing import CODE_LETTERS, LETTERS, as_typed, code_of, commitment, new_nonce

DEVICE, SERVER, AUTHORITY = "11" * 32, "22" * 32, "33" * 32


def test_both_sides_come_to_the_same_code_of_six_letters() -> None:
    code = code_of(DEVICE, SERVER, AUTHORITY)
    assert code == code_of(DEVICE, SERVER, AUTHORITY)
    assert len(code) == CODE_LETTERS
    assert set(code) <= set(LETTERS)


def test_the_code_is_another_one_when_anything_is_different() -> None:
    other = [code_of("12" * 32, SERVER, AUTHORITY), code_of(DEVICE, "23" * 32, AUTHORITY), code_of(DEVICE, SERVER, "")]
    assert code_of(DEVICE, SERVER, AUTHORITY) not in other
    assert len(set(other)) == 3


def test_all_letters_come_up() -> None:
    seen = "".join(code_of(new_nonce(), SERVER, AUTHORITY) for _ in range(500))
    assert set(seen) == set(LETTERS)


def test_a_device_commits_itself_to_its_number() -> None:
    assert commitment(DEVICE) == hashlib.sha256(bytes.fromhex(DEVICE)).hexdigest()


def test_what_people_mistake_is_understood() -> None:
    assert as_typed("o1l-ab c") == "011ABC"
