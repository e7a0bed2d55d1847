"""Control: each second, from what is measured and asked, one setpoint per device."""
