"""Stand-in channels: a real SMTP server and a real webhook receiver that keep what they get and fail on demand."""

from sikua_simulators.channels.mailbox import Lock, Mail, Mailbox, MailFaults
from sikua_simulators.channels.receiver import Received, Receiver, ReceiverFaults
from sikua_simulators.channels.serving import ChannelPorts, Channels, serve

__all__ = [
    "ChannelPorts",
    "Channels",
    "Lock",
    "Mail",
    "MailFaults",
    "Mailbox",
    "Received",
    "Receiver",
    "ReceiverFaults",
    "serve",
]
