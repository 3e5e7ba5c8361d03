"""The hall as managers see it, and what needs somebody."""

from datetime import timedelta

from dawr.messages import CallNext, CancelTicket, Complete, IssueTicket, OpenCounter, Serve, StopService
from dawr.overview import Alert, DeviceNow, Overview, Trouble, alerts, overview
from dawr.text import without_isolates
from dawr.words import Words
from tests.halls import LiveHall

MINUTE = 60.0
WORDS = Words("en")


def seen(live: LiveHall, *devices: DeviceNow, after_s: float = 0, usual: float | None = None) -> Overview:
    return overview(live.hall, live.now + timedelta(seconds=after_s), devices, usual, WORDS)


def test_an_empty_hall_needs_nobody() -> None:
    now = seen(LiveHall())
    assert (now.alerts, now.today.tickets, now.today.mean_wait_s) == ([], 0, None)
    assert [line.line for line in now.lines] == ["civil", "land"]
    assert [counter.counter for counter in now.counters] == ["1", "2", "3"]


def test_a_line_tells_who_has_waited_longest() -> None:
    live = LiveHall()
    live.do(OpenCounter(counter="1"))
    live.do(IssueTicket(service="birth"))
    live.do(IssueTicket(service="birth"), after_s=5 * MINUTE)
    civil = seen(live, after_s=MINUTE).lines[0]
    assert (civil.waiting, civil.longest_number, civil.longest_wait_s) == (2, "A901", 6 * MINUTE)
    assert civil.open_counters == 1


def test_people_whom_no_open_counter_serves_need_somebody() -> None:
    live = LiveHall()
    live.do(OpenCounter(counter="3"))  # land only
    live.do(IssueTicket(service="deed"))
    assert seen(live).alerts == []
    live.do(IssueTicket(service="birth"))
    assert [(alert.trouble, alert.subject) for alert in seen(live).alerts] == [(Trouble.UNSERVED, "civil")]


def test_a_wait_beyond_the_target_needs_somebody() -> None:
    live = LiveHall()
    live.do(OpenCounter(counter="1"))
    live.do(IssueTicket(service="birth"))
    assert seen(live, after_s=20 * MINUTE).alerts == []
    [alert] = seen(live, after_s=20 * MINUTE + 1).alerts
    assert (alert.trouble, alert.subject, alert.number) == (Trouble.LONG_WAIT, "civil", "A901")


def test_a_kiosk_that_is_gone_needs_somebody_after_a_while() -> None:
    live = LiveHall()

    def kiosk(**facts: object) -> DeviceNow:
        return DeviceNow.model_validate({"role": "kiosk", "id": "kiosk-1", "counter": None, **facts})

    assert seen(live, kiosk(connected=True, since=live.now), after_s=900).alerts == []
    gone = kiosk(connected=False, since=live.now)
    assert seen(live, gone, after_s=29).alerts == []
    assert [alert.subject for alert in seen(live, gone, after_s=30).alerts] == ["kiosk-1"]
    assert seen(live, kiosk(connected=False, since=None)).alerts[0].trouble is Trouble.SILENT


def test_a_kiosk_that_says_what_is_wrong_needs_somebody() -> None:
    live = LiveHall()
    kiosk = DeviceNow(role="kiosk", id="kiosk-1", counter=None, connected=True, since=live.now, notes=["No paper."])
    assert [(alert.trouble, alert.subject) for alert in seen(live, kiosk).alerts] == [(Trouble.NOTED, "kiosk-1")]


def test_an_alert_says_what_it_is_in_the_words_of_whoever_asks() -> None:
    live = LiveHall()
    live.do(IssueTicket(service="birth"))
    [said] = [
        without_isolates(alert.sentence)
        for alert in alerts(live.hall, live.now, [], Words("ar"))
        if alert.trouble is Trouble.UNSERVED
    ]
    assert said == "دور A – السجل المدني: هناك منتظرون ولا شباك مفتوح يخدمهم"
    assert without_isolates(seen(live).alerts[0].sentence).startswith("Line A – Civil registry: ")


def test_what_could_not_be_sent_comes_last() -> None:
    live = LiveHall()
    live.do(IssueTicket(service="birth"))
    unsent = Alert(trouble=Trouble.UNSENT, subject="mail", sentence="Not sent.")
    now = overview(live.hall, live.now, [], None, WORDS, [unsent])
    assert [alert.trouble for alert in now.alerts] == [Trouble.UNSERVED, Trouble.UNSENT]


def test_a_counter_tells_whom_it_serves_and_since_when() -> None:
    live = LiveHall()
    live.do(IssueTicket(service="birth"))
    live.do(CallNext(counter="1"))
    called_at = live.now
    one = seen(live, after_s=30).counters[0]
    assert (one.number, one.service, one.ticket_state, one.since) == ("A901", "birth", "called", called_at)
    live.do(Serve(counter="1"), after_s=40)
    assert seen(live, after_s=50).counters[0].since == live.now
    live.do(Complete(counter="1"), after_s=60)
    assert seen(live).counters[0].number is None


def test_the_day_so_far_is_added_up() -> None:
    live = LiveHall()
    for _ in range(4):
        live.do(IssueTicket(service="birth"))
    live.do(CallNext(counter="1"), after_s=10 * MINUTE)
    live.do(CallNext(counter="1"), after_s=20 * MINUTE)
    live.do(CancelTicket(ticket="A904"))
    today = seen(live, usual=2.5).today
    assert (today.tickets, today.waiting, today.completed, today.left) == (4, 1, 1, 1)
    assert (today.mean_wait_s, today.within_target, today.usual_tickets) == (20 * MINUTE, 0.5, 2.5)


def test_stopped_services_are_told_with_their_reason() -> None:
    live = LiveHall()
    live.do(StopService(service="deed", reason={"ar": "متوقفة", "en": "Stopped"}))
    assert seen(live).stopped["deed"]["en"] == "Stopped"
