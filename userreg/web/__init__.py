"""What the process shows over HTTP besides the webhook."""
