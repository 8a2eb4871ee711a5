"""What a reviewer is offered: the machine's readings and what is known from elsewhere."""
