"""The officers' page: the same board, stories and accounts as the API gives, as HTML that prints and stays live."""
