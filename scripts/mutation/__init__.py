"""Which changed operators in control and the life of events no quick test notices."""
