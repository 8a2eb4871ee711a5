"""Pictures of pages: orientation, deskew, page finding, light, rules, stamps, ink."""
