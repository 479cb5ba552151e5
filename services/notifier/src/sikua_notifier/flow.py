"""All that makes the notifier act, and all that it says."""

from __future__ import annotations

from sikua_chassis.flow import Flow, Hears, Request, Work
from sikua_contracts.notifier import NoticeAcknowledged, NoticeFailed, NoticeSent
from sikua_contracts.scheduler import (
    CalendarPublished,
    EscalationAcknowledged,
    EscalationRaised,
    EscalationResolved,
    StepArmed,
    StepBlocked,
    StepReassigned,
    TrackOpened,
)

from sikua_notifier.calendars import handlers as calendars
from sikua_notifier.contacts import handlers as contacts
from sikua_notifier.delivery import DELIVER
from sikua_notifier.deputies import handlers as deputies
from sikua_notifier.notices import handlers as notices
from sikua_notifier.silences import handlers as silences
from sikua_notifier.webhooks import handlers as webhooks

FLOW = Flow(
    service="notifier",
    hears=(
        Hears(StepArmed, notices.tell_armed),
        Hears(StepBlocked, notices.tell_blocked),
        Hears(StepReassigned, notices.tell_reassigned),
        Hears(EscalationRaised, notices.tell_raised),
        Hears(EscalationAcknowledged, notices.stop_watching),
        Hears(EscalationResolved, notices.tell_resolved),
        Hears(TrackOpened, notices.tell_tracked),
        Hears(CalendarPublished, calendars.follow_calendar),
    ),
    requests=(
        Request("POST /notices/{notice_id}/acknowledge", notices.acknowledge),
        Request("PUT /contacts", contacts.write_contacts),
        Request("PUT /rosters", contacts.write_rosters),
        Request("POST /silences", silences.begin_silence),
        Request("DELETE /silences/{silence_id}", silences.end_silence),
        Request("POST /webhooks", webhooks.register_endpoint),
        Request("POST /webhooks/{endpoint_id}/rotate", webhooks.rotate_secret),
        Request("POST /webhooks/{endpoint_id}/enable", webhooks.enable_endpoint),
        Request("DELETE /webhooks/{endpoint_id}", webhooks.remove_endpoint),
    ),
    works=(
        DELIVER,
        Work(
            name="tell deputies",
            claim=deputies.claim_unacknowledged,
            record=deputies.tell_deputy,
            due=deputies.count_unacknowledged,
        ),
    ),
    says=(NoticeSent, NoticeFailed, NoticeAcknowledged),
)
