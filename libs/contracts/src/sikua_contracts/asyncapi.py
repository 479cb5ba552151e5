"""The published language as one AsyncAPI 3.0 document: channels, who sends, and the CloudEvents headers in Kafka binary mode."""

from __future__ import annotations

from typing import Any

from sikua_contracts.examples import EXAMPLES
from sikua_contracts.language import EVENTS
from sikua_contracts.topics import FACTS, NOTICES, PROJECTS, SPEAKERS, STEPS

VERSION = "3.0.0"

_CHANNELS = {
    FACTS: ("facts", "事实：各部门对项目的陈述 · facts stated by departments. Internal, may carry level L3."),
    PROJECTS: ("projects", "项目：登记库的记录 · the record of each project, levels L1 and L2."),
    STEPS: ("steps", "环节、调度、督办、日历 · steps, tracks, escalations and calendars, levels L1 and L2."),
    NOTICES: ("notices", "通知 · what became of each notice, levels L1 and L2."),
}

_HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "ce_specversion": ({"const": "1.0"}, "version of CloudEvents"),
    "ce_id": ({"type": "string", "format": "uuid"}, "unique within ce_source"),
    "ce_source": ({"type": "string", "pattern": "^urn:cn:org:[0-9A-Z]+:system:[a-z-]+$"}, "the speaking system"),
    "ce_type": ({"type": "string"}, "what happened"),
    "ce_subject": ({"type": "string"}, "what it is about; the key of the record"),
    "ce_time": ({"type": "string", "format": "date-time"}, "business time"),
    "ce_recordedtime": ({"type": "string", "format": "date-time"}, "real time"),
    "ce_sequence": ({"type": "string", "pattern": "^[0-9]{12}$"}, "gapless within source, topic and subject, from 1"),
    "ce_previousid": ({"type": "string"}, "id of the event before it in the stream"),
    "ce_causationid": ({"type": "string"}, "id of the event that caused it"),
    "ce_correlationid": ({"type": "string"}, "common to all that one act set off"),
    "ce_traceparent": ({"type": "string"}, "W3C trace in which it arose"),
    "ce_dataclassification": ({"enum": ["L1", "L2", "L3", "L4"]}, "level of the data; who may not hold it must refuse"),
    "content-type": ({"const": "application/json"}, "media type of the value"),
}

_ALWAYS = [
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_recordedtime",
    "ce_sequence",
    "ce_dataclassification",
    "content-type",
]


def short_name(event_type: str) -> str:
    """`cn.sikua.step.armed.v1` → `step.armed.v1`: the name of its schema file and of its message."""
    return event_type.removeprefix("cn.sikua.")


def headers() -> dict[str, Any]:
    """JSON Schema of the headers every record carries."""
    return {
        "type": "object",
        "required": _ALWAYS,
        "properties": {name: {**schema, "description": text} for name, (schema, text) in _HEADERS.items()},
    }


def document(schema_of: dict[str, str]) -> dict[str, Any]:
    """The whole document. `schema_of` says for each event type where its JSON Schema lies, relative to the document."""
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "sikua 四跨",
            "version": "1.0.0",
            "description": "事件驱动的项目调度 · what the services of sikua say. CloudEvents 1.0, Kafka binary mode, JSON.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic, name, text) for topic, (name, text) in _CHANNELS.items()},
        "operations": _operations(),
        "components": {
            "messages": {short_name(said): _message(said, schema_of[said]) for said in sorted(EVENTS)},
            "messageTraits": {"cloudevent": {"headers": headers()}},
            "correlationIds": {"act": {"location": "$message.header#/ce_correlationid"}},
        },
    }


def _channel(topic: str, name: str, text: str) -> dict[str, Any]:
    types = sorted(said for said, model in EVENTS.items() if model.topic == topic)
    return {
        "address": topic,
        "title": name,
        "description": text,
        "messages": {short_name(said): {"$ref": f"#/components/messages/{short_name(said)}"} for said in types},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for topic, services in SPEAKERS.items():
        channel = _CHANNELS[topic][0]
        for service in services:
            operations[f"{service}.send.{channel}"] = {
                "action": "send",
                "channel": {"$ref": f"#/channels/{channel}"},
                "summary": f"{service} says what happened on {topic}",
            }
    return operations


def _message(event_type: str, schema: str) -> dict[str, Any]:
    model, example = EVENTS[event_type], EXAMPLES[event_type]
    attributes = {f"ce_{name}": text for name, text in example.attributes().items()}
    return {
        "name": event_type,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().split("\n")[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "correlationId": {"$ref": "#/components/correlationIds/act"},
        "payload": {"$ref": schema},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
        "examples": [
            {
                "headers": {**attributes, "content-type": "application/json"},
                "payload": example.data.model_dump(mode="json"),
            }
        ],
    }
