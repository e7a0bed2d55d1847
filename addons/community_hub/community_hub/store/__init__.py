"""What the hub keeps: tables, migrations, and the series of homes as one row a home and day."""
