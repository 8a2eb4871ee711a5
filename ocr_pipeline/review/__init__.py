"""The rules of the review station: queue, decisions, policies, approval, people, pictures."""
