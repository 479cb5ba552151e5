"""What all bridges share: the doors, enquiries, linking, quarantine."""
