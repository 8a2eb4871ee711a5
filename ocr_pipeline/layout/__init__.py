"""Layouts: schema and loading, type detection, registration with a gate, fields and lines, overlay."""
