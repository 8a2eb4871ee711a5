"""What people correct teaches the handwriting network of their office: gather, learn, compare."""
