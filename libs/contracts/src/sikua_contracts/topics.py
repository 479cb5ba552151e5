"""The topics and which services speak on them; `deploy/kafka/topics.yaml` says how they are kept."""

from __future__ import annotations

FACTS = "sikua.facts.v1"
PROJECTS = "sikua.projects.v1"
STEPS = "sikua.steps.v1"
NOTICES = "sikua.notices.v1"

SPEAKERS: dict[str, tuple[str, ...]] = {
    FACTS: ("tax-bridge", "reform-bridge", "finance-bridge"),
    PROJECTS: ("registry",),
    STEPS: ("scheduler",),
    NOTICES: ("notifier",),
}
"""Services that publish on each topic."""

SERVICES = (
    "registry",
    "tax-bridge",
    "reform-bridge",
    "finance-bridge",
    "scheduler",
    "notifier",
    "command-office",
)
