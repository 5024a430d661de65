"""Shape of input of the account pages."""
