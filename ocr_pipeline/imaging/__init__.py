"""Pictures of pages: orientation, deskew, page finding, light, stamps, ink."""
