"""What people are told of a workspace: status, morning report, notices, state of the machine."""
