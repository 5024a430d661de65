"""Data protection: consents, own data, erasure, restriction, retention, register (GDPR)."""
