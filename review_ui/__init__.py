"""The review station in the browser: routes, safety, pictures. Rules: `ocr_pipeline.review`."""
