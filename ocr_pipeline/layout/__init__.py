"""Layouts: schema, loading, drawing, detection, registration with a gate, crops, overlay."""
