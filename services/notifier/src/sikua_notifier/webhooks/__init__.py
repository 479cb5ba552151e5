"""Webhook endpoints: where departments' systems take notices, and the secrets that sign them."""
