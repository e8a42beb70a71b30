"""The version of Segue; pyproject.toml has the same, held to it by a test."""

VERSION = "0.1.0"
