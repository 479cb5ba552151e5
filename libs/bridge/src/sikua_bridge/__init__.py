"""What all bridges share: the doors, enquiries, linking, quarantine. A bridge service adds its department and its mapping."""
